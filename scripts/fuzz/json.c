/*
 * Fuzzes aisopod/json.h. Each input is given to every function in memory of exactly its size, so that a sanitizer reports a
 * read or write beyond it. Aborts if something is wrong. Built by scripts/fuzz-json.mjs: with libFuzzer, or with
 * -DSTANDALONE and the loop at the end.
 */
#include <aisopod/json.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "not true: %s\n", what);
  abort();
}

/* Decodes with every capacity around the needed one. */
static void decode(aisopod_json value) {
  size_t size = aisopod_json_text_size(value);
  size_t capacity;
  for (capacity = size > 3 ? size - 3 : 0; capacity <= size + 1; capacity++) {
    char *to = (char *)malloc(capacity == 0 ? 1 : capacity);
    size_t length;
    int fits = aisopod_json_decode(value, to, capacity, &length);
    require(fits == (size > 0 && capacity + 1 >= size), "decode fits exactly");
    if (fits) require(length + 1 == size, "the size is the decoded length");
    if (aisopod_json_text(value, to, capacity)) {
      require(strlen(to) + 1 == size, "a text has no NUL inside");
      require(aisopod_json_equals(value, to), "a text equals itself");
    } else if (capacity > 0) require(to[0] == '\0', "a text that is not read is empty");
    free(to);
  }
}

static void put_string(aisopod_json_writer *writer, aisopod_json value) {
  char *text = (char *)malloc(value.length);
  size_t length;
  require(aisopod_json_decode(value, text, value.length, &length), "the length of the value is enough");
  aisopod_json_put_text_of(writer, text, length);
  free(text);
}

/* Writes a valid value again. */
static void copy(aisopod_json_writer *writer, aisopod_json value) {
  aisopod_json_items items = aisopod_json_items_of(value);
  int64_t whole;
  double number;
  int boolean;
  switch (aisopod_json_type_of(value)) {
    case AISOPOD_JSON_NONE:
      require(0, "a valid value has a type");
      break;
    case AISOPOD_JSON_NULL:
      aisopod_json_put_null(writer);
      break;
    case AISOPOD_JSON_BOOLEAN:
      require(aisopod_json_bool(value, &boolean), "a boolean is read");
      aisopod_json_put_bool(writer, boolean);
      break;
    case AISOPOD_JSON_NUMBER:
      if (aisopod_json_int(value, &whole)) aisopod_json_put_int(writer, whole);
      else if (aisopod_json_number(value, &number)) aisopod_json_put_number(writer, number);
      else aisopod_json_put_json(writer, value.at, value.length);
      break;
    case AISOPOD_JSON_STRING:
      decode(value);
      put_string(writer, value);
      break;
    case AISOPOD_JSON_ARRAY:
      aisopod_json_open_array(writer);
      while (aisopod_json_next(&items)) copy(writer, items.value);
      require(items.next == items.end, "an array is read to its end");
      aisopod_json_close_array(writer);
      break;
    case AISOPOD_JSON_OBJECT:
      aisopod_json_open_object(writer);
      while (aisopod_json_next(&items)) {
        put_string(writer, items.key);
        aisopod_json_append(writer, ":", 1);
        writer->needs_comma = 0;
        copy(writer, items.value);
      }
      require(items.next == items.end, "an object is read to its end");
      aisopod_json_close_object(writer);
      break;
  }
}

static void copy_valid(aisopod_json value) {
  aisopod_json_writer whole = aisopod_json_growing(realloc);
  aisopod_json_writer part;
  aisopod_json again;
  char *memory;
  copy(&whole, value);
  require(aisopod_json_fits(&whole), "memory grows");
  again = aisopod_json_parse(whole.to, whole.length);
  require(again.length == whole.length, "what was written is valid");
  memory = (char *)calloc(1, whole.length / 2 + 1);
  part = aisopod_json_into(memory, whole.length / 2);
  copy(&part, value);
  require(!aisopod_json_fits(&part) && part.length == whole.length, "what does not fit is counted");
  require(memcmp(memory, whole.to, strlen(memory)) == 0, "what is written is the beginning of it");
  free(memory);
  free(whole.to);
}

/* All functions on a value that nothing has checked. */
static void read_unchecked(aisopod_json value) {
  aisopod_json_items items = aisopod_json_items_of(value);
  char text[8];
  size_t length;
  int64_t whole;
  double number;
  int boolean;
  while (aisopod_json_next(&items)) (void)aisopod_json_equals(items.key, "a");
  (void)aisopod_json_decode(value, text, sizeof text, &length);
  (void)aisopod_json_text(value, text, sizeof text);
  (void)aisopod_json_equals(value, "a\n");
  (void)aisopod_json_text_size(value);
  (void)aisopod_json_member(value, "a");
  (void)aisopod_json_element(value, 1);
  (void)aisopod_json_bool(value, &boolean);
  if (aisopod_json_after_number(value.at, value.at + value.length) != value.at + value.length) return;
  (void)aisopod_json_number(value, &number);
  (void)aisopod_json_int(value, &whole);
}

/* Any bytes, written as text. */
static void write_bytes(const char *bytes, size_t length) {
  aisopod_json_writer writer = aisopod_json_growing(realloc);
  aisopod_json value;
  aisopod_json_put_text_of(&writer, bytes, length);
  value = aisopod_json_parse(writer.to, writer.length);
  require(aisopod_json_type_of(value) == AISOPOD_JSON_STRING && value.length == writer.length, "any bytes become a valid string");
  free(writer.to);
  if (length >= sizeof(double)) {
    double number;
    char text[64];
    memcpy(&number, bytes, sizeof number);
    writer = aisopod_json_into(text, sizeof text);
    aisopod_json_put_number(&writer, number);
    require(aisopod_json_fits(&writer) && aisopod_json_parse(text, writer.length).length == writer.length, "any double becomes valid JSON");
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = (char *)calloc(1, size == 0 ? 1 : size);
  aisopod_json value;
  if (size > 0) memcpy(text, data, size);
  value = aisopod_json_parse(text, size);
  if (value.length > 0) copy_valid(value);
  if (size > 0) read_unchecked(aisopod_json_from(text, text + size));
  write_bytes(text, size);
  free(text);
  return 0;
}

#if defined(STANDALONE)

static const char *const SEEDS[] = {
    "{\"agentId\":\"a-1\",\"sessionKey\":\"main\",\"list\":[1,-2.5e-3,true,false,null],\"deep\":{\"a\":{\"b\":[[[]]]}}}",
    "[0,-0,1e5,1.7976931348623157e308,5e-324,123456789012345678901234567890,9223372036854775807,-9223372036854775808]",
    "\"\\u00e9\\ud83d\\ude00\\ud800\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\"",
    "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"",
    " { } ",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
};
static const char *const WORDS[] = {"{",    "}",   "[",      "]",     "\"",      ":",        ",",    "\\u",  "\\ud83d", "\\ude00",
                                    "true", "nul", "-",      "0",     ".",       "e+",       "1e9",  "\\",   "\xF0\x9F", "\xED\xA0\x80",
                                    "\"a\":", "[1,", "{\"a\":", "\\\"", "\xEF\xBF\xBD", "99999999999999999999"};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM 4096u

static uint64_t state;

static size_t below(size_t limit) { /* xorshift64 */
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (size_t)(state % limit);
}

/* Replaces `count` bytes at `at` by others. Returns the new length. */
static size_t splice(char *text, size_t length, size_t at, size_t count, const char *bytes, size_t added) {
  if (count > length - at) count = length - at;
  if (length - count + added > ROOM) return length;
  memmove(text + at + added, text + at + count, length - at - count);
  memcpy(text + at, bytes, added);
  return length - count + added;
}

static size_t mutate(char *text, size_t length) {
  char part[64];
  size_t at = below(length + 1);
  size_t count = below(sizeof part);
  const char *word = WORDS[below(COUNT(WORDS))];
  switch (below(5)) {
    case 0:
      if (at < length) text[at] = (char)below(256);
      return length;
    case 1:
      return splice(text, length, at, below(8), "", 0);
    case 2:
      return splice(text, length, at, below(3), word, strlen(word));
    case 3: /* repeats a part elsewhere */
      if (count > length - at) count = length - at;
      memcpy(part, text + at, count);
      return splice(text, length, below(length + 1), 0, part, count);
    default:
      return splice(text, length, at, length, "", 0);
  }
}

static void read_line(const char *hex, size_t length) {
  char *text = (char *)malloc(length / 2 + 1);
  aisopod_json_writer writer = aisopod_json_growing(realloc);
  aisopod_json value;
  size_t i;
  for (i = 0; i < length / 2; i++) text[i] = (char)(aisopod_json_hex_digit(hex[2 * i]) * 16u + aisopod_json_hex_digit(hex[2 * i + 1]));
  value = aisopod_json_parse(text, length / 2);
  if (value.length > 0) copy(&writer, value);
  printf("%.*s\n", (int)writer.length, writer.length == 0 ? "" : writer.to);
  free(writer.to);
  free(text);
}

/* Each line of standard input is a text in hexadecimal digits. Prints what it is when it is written again, or an empty line. */
static int read_lines(void) {
  static char line[1 << 22];
  while (fgets(line, sizeof line, stdin) != NULL) read_line(line, strcspn(line, "\n"));
  return 0;
}

/* json RUNS SEED, or json - */
int main(int argc, char **argv) {
  unsigned long runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
  char text[ROOM];
  size_t length = 0;
  unsigned long run;
  if (argc > 1 && strcmp(argv[1], "-") == 0) return read_lines();
  state = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1) * 0x9E3779B97F4A7C15u + 1u;
  for (run = 0; run < runs; run++) {
    if (run % 16 == 0) {
      const char *seed = SEEDS[below(COUNT(SEEDS))];
      length = strlen(seed);
      memcpy(text, seed, length);
    }
    length = mutate(text, length);
    LLVMFuzzerTestOneInput((const uint8_t *)text, length);
  }
  printf("%lu runs\n", runs);
  return 0;
}

#endif
