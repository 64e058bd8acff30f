/*
 * aisopod/json.h: reads and writes JSON text. It allocates nothing, needs no C library, and does not depend on the locale.
 * aisopod/plugin.h includes it; it can also be used alone. Not part of the ABI.
 *
 * Reading: aisopod_json_parse checks a whole text. The value that it returns, and every value that is found inside it,
 * points into that text, so nothing has to be freed:
 *
 *     char city[100];
 *     aisopod_json parameters = aisopod_json_parse(request->input, request->input_length);
 *     if (!aisopod_json_text(aisopod_json_member(parameters, "city"), city, sizeof city))
 *       return aisopod_fail(reply, AISOPOD_E_INVALID, "city must be a text of at most 99 bytes");
 *
 * A value that does not exist has the length 0. All functions take it and fail, so calls can be nested without checks in
 * between. Functions that fail return 0. If an object has a key twice, the last one counts, as in JavaScript.
 *
 * Writing: a writer puts commas, quotes and escapes where they belong. It writes into memory that is given to it, or into
 * memory that grows (see aisopod_json_growing):
 *
 *     aisopod_json_writer writer = aisopod_reply_writer(reply);
 *     aisopod_json_open_object(&writer);
 *     aisopod_json_put_key(&writer, "city");
 *     aisopod_json_put_text(&writer, city);
 *     aisopod_json_close_object(&writer);
 *     return aisopod_reply_written(reply, &writer);
 */
#ifndef AISOPOD_JSON_H
#define AISOPOD_JSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Arrays and objects inside each other. A text that is nested deeper is not accepted. */
#define AISOPOD_JSON_MAX_DEPTH 512

/* A value: the part of a text that it is written in, without space around it. */
typedef struct aisopod_json {
  const char *at;
  size_t length; /* 0: there is no such value */
} aisopod_json;

typedef enum aisopod_json_type {
  AISOPOD_JSON_NONE,
  AISOPOD_JSON_NULL,
  AISOPOD_JSON_BOOLEAN,
  AISOPOD_JSON_NUMBER,
  AISOPOD_JSON_STRING,
  AISOPOD_JSON_ARRAY,
  AISOPOD_JSON_OBJECT
} aisopod_json_type;

/* How text is scanned. Each `after` function returns where the thing that begins at `at` ends, or NULL if it is not valid.
 * None reads at or beyond `end`. */

static inline aisopod_json aisopod_json_from(const char *at, const char *end) {
  aisopod_json value;
  value.at = at;
  value.length = (size_t)(end - at);
  return value;
}

static inline aisopod_json aisopod_json_none(void) {
  aisopod_json value;
  value.at = "";
  value.length = 0;
  return value;
}

static inline const char *aisopod_json_after_space(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
  return at;
}

static inline int aisopod_json_is_digit(const char *at, const char *end) { return at < end && *at >= '0' && *at <= '9'; }

static inline const char *aisopod_json_after_digits(const char *at, const char *end) {
  if (!aisopod_json_is_digit(at, end)) return NULL;
  while (aisopod_json_is_digit(at, end)) at++;
  return at;
}

static inline const char *aisopod_json_after_number(const char *at, const char *end) {
  if (at < end && *at == '-') at++;
  if (at < end && *at == '0') at++;
  else at = aisopod_json_after_digits(at, end);
  if (at != NULL && at < end && *at == '.') at = aisopod_json_after_digits(at + 1, end);
  if (at == NULL || at == end || (*at != 'e' && *at != 'E')) return at;
  at++;
  if (at < end && (*at == '+' || *at == '-')) at++;
  return aisopod_json_after_digits(at, end);
}

static inline const char *aisopod_json_after_word(const char *at, const char *end, const char *word) {
  for (; *word != '\0'; word++) {
    if (at == end || *at != *word) return NULL;
    at++;
  }
  return at;
}

/* The value of a hexadecimal digit, or 16. */
static inline uint32_t aisopod_json_hex_digit(char c) {
  if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
  if (c >= 'a' && c <= 'f') return (uint32_t)(c - 'a') + 10u;
  if (c >= 'A' && c <= 'F') return (uint32_t)(c - 'A') + 10u;
  return 16u;
}

/* The four hexadecimal digits at `at`, or 0x10000 if that is something else. */
static inline uint32_t aisopod_json_hex(const char *at, const char *end) {
  uint32_t number = 0;
  int i;
  if (end - at < 4) return 0x10000u;
  for (i = 0; i < 4; i++) {
    uint32_t digit = aisopod_json_hex_digit(at[i]);
    if (digit > 15u) return 0x10000u;
    number = number * 16u + digit;
  }
  return number;
}

/* The length of the UTF-8 character at `at`, or 0 if it is not valid. */
static inline size_t aisopod_json_utf8(const char *at, const char *end) {
  unsigned char first = (unsigned char)*at;
  unsigned char second;
  size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  size_t i;
  if (length < 2) return length;
  if ((size_t)(end - at) < length) return 0;
  for (i = 1; i < length; i++)
    if (((unsigned char)at[i] & 0xC0) != 0x80) return 0;
  second = (unsigned char)at[1];
  if ((first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90)) return 0; /* longer than it needs to be */
  if ((first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F)) return 0; /* a surrogate; over U+10FFFF */
  return length;
}

/* The length of the escape at `at`, which is a backslash, or 0 if it is not valid. */
static inline size_t aisopod_json_escape(const char *at, const char *end) {
  const char *known = "\"\\/bfnrt";
  if (end - at < 2) return 0;
  if (at[1] == 'u') return aisopod_json_hex(at + 2, end) > 0xFFFFu ? 0 : 6;
  for (; *known != '\0'; known++)
    if (at[1] == *known) return 2;
  return 0;
}

static inline const char *aisopod_json_after_string(const char *at, const char *end) {
  if (at == end || *at != '"') return NULL;
  at++;
  while (at < end && *at != '"') {
    size_t length = *at == '\\' ? aisopod_json_escape(at, end) : (unsigned char)*at < 0x20 ? 0 : aisopod_json_utf8(at, end);
    if (length == 0) return NULL;
    at += length;
  }
  return at < end ? at + 1 : NULL;
}

/* A key and its colon. */
static inline const char *aisopod_json_after_key(const char *at, const char *end) {
  at = aisopod_json_after_string(aisopod_json_after_space(at, end), end);
  if (at == NULL) return NULL;
  at = aisopod_json_after_space(at, end);
  return at < end && *at == ':' ? at + 1 : NULL;
}

/* A value that is neither an array nor an object. */
static inline const char *aisopod_json_after_scalar(const char *at, const char *end) {
  if (*at == '"') return aisopod_json_after_string(at, end);
  if (*at == 't') return aisopod_json_after_word(at, end, "true");
  if (*at == 'f') return aisopod_json_after_word(at, end, "false");
  if (*at == 'n') return aisopod_json_after_word(at, end, "null");
  return aisopod_json_after_number(at, end);
}

/* After a value at level `*depth`: its commas and closing brackets, up to the next value. At the end `*depth` is 0. `objects`
 * has one bit for each level. */
static inline const char *aisopod_json_after_closing(const char *at, const char *end, const uint32_t *objects, size_t *depth) {
  while (*depth > 0) {
    size_t level = *depth - 1;
    int is_object = (int)((objects[level / 32] >> (level % 32)) & 1u);
    at = aisopod_json_after_space(at, end);
    if (at == end) return NULL;
    if (*at == ',') return is_object ? aisopod_json_after_key(at + 1, end) : at + 1;
    if (*at != (is_object ? '}' : ']')) return NULL;
    at++;
    --*depth;
  }
  return at;
}

/* Any value. Not recursive: no text can use up the stack. */
static inline const char *aisopod_json_after_value(const char *at, const char *end) {
  uint32_t objects[AISOPOD_JSON_MAX_DEPTH / 32] = {0};
  size_t depth = 0;
  int is_open; /* whether what is inside a bracket comes next */
  do {
    at = aisopod_json_after_space(at, end);
    if (at == end) return NULL;
    is_open = *at == '{' || *at == '[';
    if (!is_open) at = aisopod_json_after_scalar(at, end);
    else {
      int is_object = *at == '{';
      uint32_t bit = 1u << (depth % 32);
      if (depth == AISOPOD_JSON_MAX_DEPTH) return NULL;
      if (is_object) objects[depth / 32] |= bit;
      else objects[depth / 32] &= ~bit;
      depth++;
      at = aisopod_json_after_space(at + 1, end);
      if (at < end && *at == (is_object ? '}' : ']')) is_open = 0;
      else if (is_object) at = aisopod_json_after_key(at, end);
    }
    if (at != NULL && !is_open) at = aisopod_json_after_closing(at, end, objects, &depth);
  } while (at != NULL && depth > 0);
  return at;
}

/* The value in a text, or none if the text is not valid JSON in UTF-8, nested at most AISOPOD_JSON_MAX_DEPTH deep. */
static inline aisopod_json aisopod_json_parse(const void *text, size_t length) {
  const char *at = (const char *)text;
  const char *end;
  const char *stop;
  if (text == NULL) return aisopod_json_none();
  end = at + length;
  at = aisopod_json_after_space(at, end);
  stop = aisopod_json_after_value(at, end);
  if (stop == NULL || aisopod_json_after_space(stop, end) != end) return aisopod_json_none();
  return aisopod_json_from(at, stop);
}

static inline aisopod_json_type aisopod_json_type_of(aisopod_json value) {
  char first = value.length == 0 ? '\0' : value.at[0];
  if (first == '{') return AISOPOD_JSON_OBJECT;
  if (first == '[') return AISOPOD_JSON_ARRAY;
  if (first == '"') return AISOPOD_JSON_STRING;
  if (first == 't' || first == 'f') return AISOPOD_JSON_BOOLEAN;
  if (first == 'n') return AISOPOD_JSON_NULL;
  return first == '-' || (first >= '0' && first <= '9') ? AISOPOD_JSON_NUMBER : AISOPOD_JSON_NONE;
}

/* Strings. */

/* Writes a code point as UTF-8. Returns the number of bytes, at most 4. */
static inline size_t aisopod_json_encode(uint32_t point, char *to) {
  size_t more = point < 0x80u ? 0 : point < 0x800u ? 1 : point < 0x10000u ? 2 : 3;
  uint32_t mark = more == 0 ? 0u : more == 1 ? 0xC0u : more == 2 ? 0xE0u : 0xF0u;
  size_t i;
  for (i = more; i > 0; i--) {
    to[i] = (char)(0x80u | (point & 0x3Fu));
    point >>= 6;
  }
  to[0] = (char)(mark | point);
  return more + 1;
}

/* What a one-letter escape means. */
static inline char aisopod_json_unescape(char letter) {
  const char *pairs = "b\bf\fn\nr\rt\t";
  for (; *pairs != '\0'; pairs += 2)
    if (*pairs == letter) return pairs[1];
  return letter;
}

/* Decodes what is at `*at` inside a string, up to 4 bytes, and moves `*at` behind it. Half of a surrogate pair becomes
 * U+FFFD. */
static inline size_t aisopod_json_decode_one(const char **at, const char *end, char *to) {
  const char *from = *at;
  uint32_t unit;
  uint32_t low;
  if (*from != '\\' || end - from < 2) {
    to[0] = *from;
    *at = from + 1;
    return 1;
  }
  unit = from[1] == 'u' ? aisopod_json_hex(from + 2, end) : 0x10000u;
  if (unit > 0xFFFFu) {
    to[0] = aisopod_json_unescape(from[1]);
    *at = from + 2;
    return 1;
  }
  *at = from + 6;
  if (unit < 0xD800u || unit > 0xDFFFu) return aisopod_json_encode(unit, to);
  low = unit < 0xDC00u && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? aisopod_json_hex(*at + 2, end) : 0u;
  if (low < 0xDC00u || low > 0xDFFFu) return aisopod_json_encode(0xFFFDu, to);
  *at += 6;
  return aisopod_json_encode(0x10000u + ((unit - 0xD800u) << 10) + (low - 0xDC00u), to);
}

/* Decodes a string into `to`, without a NUL at the end; it may contain some. Sets `*length`. Returns 0 if the value is no
 * string, or longer than `capacity`. value.length is always enough. */
static inline int aisopod_json_decode(aisopod_json value, char *to, size_t capacity, size_t *length) {
  const char *at;
  const char *end;
  size_t used = 0;
  *length = 0;
  if (aisopod_json_type_of(value) != AISOPOD_JSON_STRING || value.length < 2) return 0;
  at = value.at + 1;
  end = value.at + value.length - 1;
  while (at < end) {
    char bytes[4];
    size_t count = aisopod_json_decode_one(&at, end, bytes);
    size_t i;
    if (count > capacity - used) return 0;
    for (i = 0; i < count; i++) to[used++] = bytes[i];
  }
  *length = used;
  return 1;
}

/* Decodes a string into `to`, with a NUL at the end. Returns 0, with an empty `to`, if the value is no string, does not fit,
 * or contains a NUL: C code would see only the part before it. */
static inline int aisopod_json_text(aisopod_json value, char *to, size_t capacity) {
  size_t length = 0;
  size_t i;
  int is_text;
  if (capacity == 0) return 0;
  is_text = aisopod_json_decode(value, to, capacity - 1, &length);
  for (i = 0; i < length; i++)
    if (to[i] == '\0') is_text = 0;
  to[is_text ? length : 0] = '\0';
  return is_text;
}

/* The size of a string with its NUL, as aisopod_json_text needs it, or 0 if the value is no string. */
static inline size_t aisopod_json_text_size(aisopod_json value) {
  const char *at;
  const char *end;
  size_t size = 1;
  char bytes[4];
  if (aisopod_json_type_of(value) != AISOPOD_JSON_STRING || value.length < 2) return 0;
  at = value.at + 1;
  end = value.at + value.length - 1;
  while (at < end) size += aisopod_json_decode_one(&at, end, bytes);
  return size;
}

/* Whether the value is the string `text`. */
static inline int aisopod_json_equals(aisopod_json value, const char *text) {
  const char *at;
  const char *end;
  if (aisopod_json_type_of(value) != AISOPOD_JSON_STRING || value.length < 2) return 0;
  at = value.at + 1;
  end = value.at + value.length - 1;
  while (at < end) {
    char bytes[4];
    size_t count = aisopod_json_decode_one(&at, end, bytes);
    size_t i;
    for (i = 0; i < count; i++) {
      if (*text == '\0' || *text != bytes[i]) return 0;
      text++;
    }
  }
  return *text == '\0';
}

/* Arrays and objects. */

/* Where a loop over an array or object is: `while (aisopod_json_next(&items)) …` */
typedef struct aisopod_json_items {
  aisopod_json key; /* a string; none in an array */
  aisopod_json value;
  size_t count; /* of the items so far, this one included */
  const char *next;
  const char *end;
  int has_keys;
} aisopod_json_items;

/* The items of an array or object; of any other value there are none. */
static inline aisopod_json_items aisopod_json_items_of(aisopod_json value) {
  aisopod_json_items items;
  aisopod_json_type type = aisopod_json_type_of(value);
  int is_empty = value.length < 2 || (type != AISOPOD_JSON_ARRAY && type != AISOPOD_JSON_OBJECT);
  items.key = aisopod_json_none();
  items.value = aisopod_json_none();
  items.count = 0;
  items.has_keys = type == AISOPOD_JSON_OBJECT;
  items.next = is_empty ? value.at : value.at + 1;
  items.end = is_empty ? value.at : value.at + value.length - 1;
  return items;
}

/* Goes on to the next item. Returns 0 after the last one. */
static inline int aisopod_json_next(aisopod_json_items *items) {
  const char *end = items->end;
  const char *at = aisopod_json_after_space(items->next, end);
  const char *stop;
  items->key = aisopod_json_none();
  items->value = aisopod_json_none();
  items->next = end;
  if (items->count > 0 && at < end) {
    if (*at != ',') return 0;
    at = aisopod_json_after_space(at + 1, end);
  }
  if (at == end) return 0;
  if (items->has_keys) {
    stop = aisopod_json_after_string(at, end);
    if (stop == NULL) return 0;
    items->key = aisopod_json_from(at, stop);
    at = aisopod_json_after_key(at, end);
    if (at == NULL) return 0;
    at = aisopod_json_after_space(at, end);
  }
  stop = aisopod_json_after_value(at, end);
  if (stop == NULL) return 0;
  items->value = aisopod_json_from(at, stop);
  items->next = stop;
  items->count++;
  return 1;
}

/* The value of a key in an object, or none. */
static inline aisopod_json aisopod_json_member(aisopod_json object, const char *key) {
  aisopod_json_items items = aisopod_json_items_of(object);
  aisopod_json found = aisopod_json_none();
  if (!items.has_keys) return found;
  while (aisopod_json_next(&items))
    if (aisopod_json_equals(items.key, key)) found = items.value;
  return found;
}

/* The value at an index of an array, or none. */
static inline aisopod_json aisopod_json_element(aisopod_json array, size_t index) {
  aisopod_json_items items = aisopod_json_items_of(array);
  if (items.has_keys) return aisopod_json_none();
  while (aisopod_json_next(&items))
    if (items.count > index) return items.value;
  return aisopod_json_none();
}

/* Numbers, true and false. A function that fails leaves its result as it was, so that can be a default. */

/* Multiplies or divides by a power of ten. Exact for numbers up to 2^53 and exponents from -22 to 22, otherwise a few units in
 * the last place off. */
static inline double aisopod_json_scale(double number, int exponent) {
  static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  for (; exponent > 22; exponent -= 22) number *= POWERS[22];
  for (; exponent < -22; exponent += 22) number /= POWERS[22];
  return exponent >= 0 ? number * POWERS[exponent] : number / POWERS[-exponent];
}

/* Returns 0 if the value is no number, or too large for a double. Exact for up to 15 digits and exponents from -22 to 22,
 * otherwise a few units in the last place off. */
static inline int aisopod_json_number(aisopod_json value, double *number) {
  const char *at = value.at;
  const char *end;
  uint64_t digits = 0;
  int exponent = 0;
  int is_fraction = 0;
  int written = 0;
  double size;
  if (aisopod_json_type_of(value) != AISOPOD_JSON_NUMBER) return 0;
  end = value.at + value.length;
  if (*at == '-') at++;
  for (; at < end && *at != 'e' && *at != 'E'; at++) {
    if (*at == '.') {
      is_fraction = 1;
      continue;
    }
    if (digits <= (UINT64_MAX - 9u) / 10u) {
      digits = digits * 10u + (uint64_t)(*at - '0');
      exponent -= is_fraction && exponent > -1000000000 ? 1 : 0;
    } else exponent += !is_fraction && exponent < 1000000000 ? 1 : 0;
  }
  if (at < end) {
    int is_negative = at + 1 < end && at[1] == '-';
    for (at++; at < end; at++)
      if (*at >= '0' && *at <= '9' && written < 1000000) written = written * 10 + (*at - '0');
    exponent += is_negative ? -written : written;
  }
  if (exponent > 400 && digits != 0) return 0;
  size = digits == 0 || exponent < -400 ? 0 : aisopod_json_scale((double)digits, exponent);
  if (size > 1.7976931348623157e308) return 0;
  *number = value.at[0] == '-' ? -size : size;
  return 1;
}

/* Returns 0 if the value is no integer, or not in the range of int64_t. 1e3 and 5.0 are integers, up to 2^53. */
static inline int aisopod_json_int(aisopod_json value, int64_t *number) {
  int is_negative = value.length > 0 && value.at[0] == '-';
  uint64_t limit = (uint64_t)INT64_MAX + (is_negative ? 1u : 0u);
  uint64_t digits = 0;
  double written = 0;
  size_t i;
  if (!aisopod_json_number(value, &written)) return 0;
  for (i = is_negative ? 1 : 0; i < value.length && value.at[i] >= '0' && value.at[i] <= '9'; i++) {
    uint64_t digit = (uint64_t)(value.at[i] - '0');
    if (digits > (limit - digit) / 10u) return 0;
    digits = digits * 10u + digit;
  }
  if (i < value.length) { /* a fraction or an exponent */
    if (written < -9007199254740992.0 || written > 9007199254740992.0) return 0;
    if ((double)(int64_t)written != written) return 0;
    *number = (int64_t)written;
    return 1;
  }
  *number = is_negative && digits > 0 ? -(int64_t)(digits - 1u) - 1 : (int64_t)digits;
  return 1;
}

/* Sets `*boolean` to 0 or 1. Returns 0 if the value is neither true nor false. */
static inline int aisopod_json_bool(aisopod_json value, int *boolean) {
  if (aisopod_json_type_of(value) != AISOPOD_JSON_BOOLEAN) return 0;
  *boolean = value.at[0] == 't';
  return 1;
}

/* Writing. */

typedef struct aisopod_json_writer {
  char *to;
  size_t capacity;
  size_t length; /* of the whole text; more than `capacity` if it did not fit */
  void *(*resize)(void *memory, size_t size);
  int needs_comma;
} aisopod_json_writer;

/* Writes into `capacity` bytes at `to`. What does not fit is counted, but not written: see aisopod_json_fits. */
static inline aisopod_json_writer aisopod_json_into(void *to, size_t capacity) {
  aisopod_json_writer writer;
  writer.to = (char *)to;
  writer.capacity = capacity;
  writer.length = 0;
  writer.resize = NULL;
  writer.needs_comma = 0;
  return writer;
}

/* Writes into memory that grows: `resize` is the C library's realloc, or a function like it. The memory at `to`, which may be
 * NULL, is the caller's to free. */
static inline aisopod_json_writer aisopod_json_growing(void *(*resize)(void *memory, size_t size)) {
  aisopod_json_writer writer = aisopod_json_into(NULL, 0);
  writer.resize = resize;
  return writer;
}

/* Whether the whole text had room. */
static inline int aisopod_json_fits(const aisopod_json_writer *writer) { return writer->length <= writer->capacity; }

static inline void aisopod_json_grow(aisopod_json_writer *writer, size_t needed) {
  size_t capacity = writer->capacity > SIZE_MAX / 4 ? needed : writer->capacity * 2 + 256;
  void *memory;
  if (capacity < needed) capacity = needed;
  memory = writer->resize(writer->to, capacity);
  if (memory == NULL) {
    writer->resize = NULL; /* from now on the text does not fit */
    return;
  }
  writer->to = (char *)memory;
  writer->capacity = capacity;
}

/* Appends bytes as they are. */
static inline void aisopod_json_append(aisopod_json_writer *writer, const char *bytes, size_t count) {
  size_t i;
  size_t needed = count > SIZE_MAX - writer->length ? SIZE_MAX : writer->length + count;
  if (needed > writer->capacity && writer->resize != NULL) aisopod_json_grow(writer, needed);
  if (needed <= writer->capacity)
    for (i = 0; i < count; i++) writer->to[writer->length + i] = bytes[i];
  writer->length = needed;
}

/* Before a key or a value: the comma, if there is one before. */
static inline void aisopod_json_begin(aisopod_json_writer *writer) {
  if (writer->needs_comma) aisopod_json_append(writer, ",", 1);
  writer->needs_comma = 1;
}

/* Writes a value that is JSON text already. */
static inline void aisopod_json_put_json(aisopod_json_writer *writer, const char *json, size_t length) {
  aisopod_json_begin(writer);
  aisopod_json_append(writer, json, length);
}

static inline void aisopod_json_put_null(aisopod_json_writer *writer) { aisopod_json_put_json(writer, "null", 4); }

static inline void aisopod_json_put_bool(aisopod_json_writer *writer, int boolean) {
  aisopod_json_put_json(writer, boolean ? "true" : "false", boolean ? 4 : 5);
}

static inline void aisopod_json_open_object(aisopod_json_writer *writer) {
  aisopod_json_put_json(writer, "{", 1);
  writer->needs_comma = 0;
}

static inline void aisopod_json_close_object(aisopod_json_writer *writer) {
  aisopod_json_append(writer, "}", 1);
  writer->needs_comma = 1;
}

static inline void aisopod_json_open_array(aisopod_json_writer *writer) {
  aisopod_json_put_json(writer, "[", 1);
  writer->needs_comma = 0;
}

static inline void aisopod_json_close_array(aisopod_json_writer *writer) {
  aisopod_json_append(writer, "]", 1);
  writer->needs_comma = 1;
}

/* Appends one character of a string, escaped. Returns its length in the source. */
static inline size_t aisopod_json_append_character(aisopod_json_writer *writer, const char *at, const char *end) {
  static const char HEX[] = "0123456789abcdef";
  const char *pairs = "\bb\ff\nn\rr\tt\"\"\\\\";
  unsigned char c = (unsigned char)*at;
  char escape[6] = {'\\', 'u', '0', '0', '0', '0'};
  size_t length = aisopod_json_utf8(at, end);
  for (; *pairs != '\0'; pairs += 2)
    if (*pairs == *at) {
      escape[1] = pairs[1];
      aisopod_json_append(writer, escape, 2);
      return 1;
    }
  if (c < 0x20) {
    escape[4] = HEX[c >> 4];
    escape[5] = HEX[c & 15];
    aisopod_json_append(writer, escape, 6);
    return 1;
  }
  if (length > 0) aisopod_json_append(writer, at, length);
  else aisopod_json_append(writer, "\xEF\xBF\xBD", 3);
  return length > 0 ? length : 1;
}

/* Writes text as a string. Each byte that is not part of valid UTF-8 becomes U+FFFD. */
static inline void aisopod_json_put_text_of(aisopod_json_writer *writer, const char *text, size_t length) {
  const char *end;
  aisopod_json_put_json(writer, "\"", 1);
  if (length > 0)
    for (end = text + length; text < end;) text += aisopod_json_append_character(writer, text, end);
  aisopod_json_append(writer, "\"", 1);
}

/* The same for text that ends with a NUL. NULL is written as null. */
static inline void aisopod_json_put_text(aisopod_json_writer *writer, const char *text) {
  size_t length = 0;
  if (text == NULL) {
    aisopod_json_put_null(writer);
    return;
  }
  while (text[length] != '\0') length++;
  aisopod_json_put_text_of(writer, text, length);
}

/* Writes the key of the value that follows. */
static inline void aisopod_json_put_key(aisopod_json_writer *writer, const char *key) {
  aisopod_json_put_text(writer, key);
  aisopod_json_append(writer, ":", 1);
  writer->needs_comma = 0;
}

/* Writes the digits of a number before `end`. Returns where they begin. */
static inline char *aisopod_json_digits(uint64_t number, char *end) {
  do {
    *--end = (char)('0' + (int)(number % 10u));
    number /= 10u;
  } while (number > 0);
  return end;
}

static inline void aisopod_json_put_uint(aisopod_json_writer *writer, uint64_t number) {
  char digits[20];
  char *first = aisopod_json_digits(number, digits + sizeof digits);
  aisopod_json_put_json(writer, first, (size_t)(digits + sizeof digits - first));
}

static inline void aisopod_json_put_int(aisopod_json_writer *writer, int64_t number) {
  char digits[21];
  uint64_t size = number < 0 ? (uint64_t)(-(number + 1)) + 1u : (uint64_t)number;
  char *first = aisopod_json_digits(size, digits + sizeof digits);
  if (number < 0) *--first = '-';
  aisopod_json_put_json(writer, first, (size_t)(digits + sizeof digits - first));
}

/* The exponent of a positive number in scientific notation: 2 for 123. */
static inline int aisopod_json_exponent(double number) {
  int exponent = 0;
  for (; number >= 1e22; exponent += 22) number /= 1e22;
  for (; number >= 10; exponent++) number /= 10;
  for (; number < 1e-22; exponent -= 22) number *= 1e22;
  for (; number < 1; exponent--) number *= 10;
  return exponent;
}

/* Writes a positive number of `count` digits without zeros at the end, at most 15, whose first has this exponent. */
static inline void aisopod_json_append_decimal(aisopod_json_writer *writer, const char *digits, int count, int exponent) {
  int is_short = exponent >= -7 && exponent < 15;
  int before = !is_short ? 1 : exponent < 0 ? 0 : exponent + 1; /* digits before the point */
  int zeros = is_short && exponent < 0 ? -exponent - 1 : 0;
  int i;
  if (before == 0) aisopod_json_append(writer, "0", 1);
  for (i = 0; i < before; i++) aisopod_json_append(writer, i < count ? digits + i : "0", 1);
  if (count > before) aisopod_json_append(writer, ".", 1);
  for (i = 0; i < zeros; i++) aisopod_json_append(writer, "0", 1);
  if (count > before) aisopod_json_append(writer, digits + before, (size_t)(count - before));
  if (!is_short) {
    char text[4];
    char *first = aisopod_json_digits((uint64_t)(exponent < 0 ? -exponent : exponent), text + sizeof text);
    aisopod_json_append(writer, exponent < 0 ? "e-" : "e+", 2);
    aisopod_json_append(writer, first, (size_t)(text + sizeof text - first));
  }
}

/* Writes a number with 15 digits at most; integers up to 2^53 with all of them. What JSON cannot hold (infinity, not a number)
 * is written as null. */
static inline void aisopod_json_put_number(aisopod_json_writer *writer, double number) {
  double size = number < 0 ? -number : number;
  char digits[20];
  char *first;
  uint64_t whole;
  double scaled;
  int exponent;
  int count = 15;
  if (!(size <= 1.7976931348623157e308)) {
    aisopod_json_put_null(writer);
    return;
  }
  if (size <= 9007199254740992.0 && (double)(int64_t)number == number) {
    aisopod_json_put_int(writer, (int64_t)number);
    return;
  }
  exponent = aisopod_json_exponent(size);
  scaled = aisopod_json_scale(size, 14 - exponent);
  if (scaled + 0.5 >= 1e15) exponent++;
  else if (scaled + 0.5 < 1e14) exponent--;
  whole = (uint64_t)(aisopod_json_scale(size, 14 - exponent) + 0.5);
  if (whole > 999999999999999u) whole = 999999999999999u;
  if (exponent == 308 && whole > 179769313486231u) whole = 179769313486231u; /* rounded up, it would be infinite */
  if (whole < 100000000000000u) whole = 100000000000000u;
  first = aisopod_json_digits(whole, digits + sizeof digits);
  while (count > 1 && first[count - 1] == '0') count--;
  aisopod_json_begin(writer);
  if (number < 0) aisopod_json_append(writer, "-", 1);
  aisopod_json_append_decimal(writer, first, count, exponent);
}

#ifdef __cplusplus
}
#endif

#endif /* AISOPOD_JSON_H */
