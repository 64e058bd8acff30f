/* Checks of aisopod/json.h and of the helpers of aisopod/plugin.h that use it. Valid C99 and C++17. Exits with the number of
 * checks that failed. */
#include <aisopod/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void check_at(int line, int holds, const char *what) {
  if (holds) return;
  failures++;
  printf("line %d: %s\n", line, what);
}
#define CHECK(holds) check_at(__LINE__, (holds) != 0, #holds)

static aisopod_json parse(const char *text) { return aisopod_json_parse(text, strlen(text)); }

static aisopod_json in(const char *text, const char *key) { return aisopod_json_member(parse(text), key); }

static void texts(void) {
  char to[16];
  size_t length;
  CHECK(aisopod_json_text(parse("\"a\\u00e9\\n\""), to, sizeof to) && strcmp(to, "a\xC3\xA9\n") == 0);
  CHECK(aisopod_json_text(parse("\"\\ud83d\\ude00\""), to, sizeof to) && strcmp(to, "\xF0\x9F\x98\x80") == 0);
  CHECK(aisopod_json_text(parse("\"\\ude00\\ud83d\""), to, sizeof to) && strcmp(to, "\xEF\xBF\xBD\xEF\xBF\xBD") == 0);
  CHECK(aisopod_json_text(parse("\"abc\""), to, 4) && strcmp(to, "abc") == 0);
  CHECK(!aisopod_json_text(parse("\"abc\""), to, 3) && strcmp(to, "") == 0);
  CHECK(!aisopod_json_text(parse("\"abc\""), to, 0));
  CHECK(aisopod_json_text(parse("\"\""), to, 1) && strcmp(to, "") == 0);
  /* A C program would see only the part before the NUL. */
  CHECK(!aisopod_json_text(parse("\"root\\u0000\""), to, sizeof to) && strcmp(to, "") == 0);
  CHECK(aisopod_json_decode(parse("\"a\\u0000b\""), to, sizeof to, &length) && length == 3 && memcmp(to, "a\0b", 3) == 0);
  CHECK(!aisopod_json_text(parse("5"), to, sizeof to));
  CHECK(aisopod_json_text_size(parse("\"\\u20ac\"")) == 4 && aisopod_json_text_size(parse("[]")) == 0);
  CHECK(aisopod_json_equals(parse("\"y\\u0065s\""), "yes"));
  CHECK(!aisopod_json_equals(parse("\"yes\\u0000\""), "yes") && !aisopod_json_equals(parse("\"ye\""), "yes"));
}

static void objects(void) {
  const char *text = " {\"a\": [1, {\"b\": \"}]\"}, null] , \"\\u0061\" : 2, \"c\":{ } } ";
  aisopod_json_items items = aisopod_json_items_of(parse(text));
  aisopod_json list;
  int64_t number;
  CHECK(aisopod_json_next(&items) && aisopod_json_equals(items.key, "a") && items.count == 1);
  list = items.value;
  CHECK(aisopod_json_next(&items) && aisopod_json_next(&items) && items.value.length == 3 && !aisopod_json_next(&items));
  CHECK(!aisopod_json_next(&items) && items.key.length == 0 && items.value.length == 0);
  /* The last of two equal keys counts, whatever it is written like. */
  CHECK(aisopod_json_int(in(text, "a"), &number) && number == 2);
  CHECK(aisopod_json_equals(aisopod_json_member(aisopod_json_element(list, 1), "b"), "}]"));
  CHECK(aisopod_json_type_of(aisopod_json_element(list, 2)) == AISOPOD_JSON_NULL);
  CHECK(aisopod_json_element(list, 3).length == 0 && aisopod_json_element(parse(text), 0).length == 0);
  CHECK(in(text, "d").length == 0 && in("[1]", "a").length == 0 && in("", "a").length == 0);
  CHECK(aisopod_json_member(aisopod_json_member(in(text, "d"), "e"), "f").length == 0);
}

static void invalid(void) {
  static const char *const TEXTS[] = {"",      " ",     "{",       "}",        "[1,]",   "{\"a\"}", "{\"a\":}", "{a:1}",   "{\"a\":1,}",
                                      "01",    "1.",    ".5",      "-",        "+1",     "1e",      "1e+",      "tru",     "nulls",
                                      "\"",    "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "\"\x80\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF5\x80\x80\x80\"", "1 2",
                                      "[1}",   "{\"a\":1]", "\xEF\xBB\xBF[]", "[1 2]",  "'a'",     "NaN",     "[,1]",    "/**/1"};
  char deep[2 * AISOPOD_JSON_MAX_DEPTH + 3];
  size_t i;
  for (i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) check_at(__LINE__, parse(TEXTS[i]).length == 0, TEXTS[i]);
  CHECK(aisopod_json_parse(NULL, 0).length == 0);
  memset(deep, '[', AISOPOD_JSON_MAX_DEPTH);
  memset(deep + AISOPOD_JSON_MAX_DEPTH, ']', AISOPOD_JSON_MAX_DEPTH);
  deep[2 * AISOPOD_JSON_MAX_DEPTH] = '\0';
  CHECK(parse(deep).length == 2 * AISOPOD_JSON_MAX_DEPTH);
  memset(deep, '[', AISOPOD_JSON_MAX_DEPTH + 1);
  memset(deep + AISOPOD_JSON_MAX_DEPTH + 1, ']', AISOPOD_JSON_MAX_DEPTH + 1);
  deep[2 * AISOPOD_JSON_MAX_DEPTH + 2] = '\0';
  CHECK(parse(deep).length == 0);
}

static int is_int(const char *text, int64_t expected) {
  int64_t number;
  return aisopod_json_int(parse(text), &number) && number == expected;
}

static int is_no_int(const char *text) {
  int64_t number = 7;
  return !aisopod_json_int(parse(text), &number) && number == 7;
}

static int is_number(const char *text, double expected) {
  double number;
  return aisopod_json_number(parse(text), &number) && number == expected;
}

static void numbers(void) {
  double number = 7;
  int boolean;
  CHECK(is_int("0", 0) && is_int("-0", 0) && is_int("-7", -7) && is_int("1e3", 1000) && is_int("5.0", 5) && is_int("0.25e2", 25));
  CHECK(is_int("9223372036854775807", INT64_MAX) && is_int("-9223372036854775808", INT64_MIN));
  CHECK(is_no_int("9223372036854775808") && is_no_int("-9223372036854775809") && is_no_int("1e400") && is_no_int("1e17"));
  CHECK(is_no_int("1.5") && is_no_int("\"1\"") && is_no_int("true") && is_no_int("99999999999999999999999999"));
  CHECK(is_number("0.1", 0.1) && is_number("-2.5e-3", -2.5e-3) && is_number("1e22", 1e22) && is_number("123.456", 123.456));
  CHECK(is_number("0e999999999999", 0) && is_number("1e-400", 0) && is_number("0.30000000000000004", 0.30000000000000004));
  CHECK(!aisopod_json_number(parse("1e309"), &number) && !aisopod_json_number(parse("\"1\""), &number) && number == 7);
  CHECK(aisopod_json_bool(parse("true"), &boolean) && boolean == 1 && aisopod_json_bool(parse("false"), &boolean) && boolean == 0);
  CHECK(!aisopod_json_bool(parse("1"), &boolean) && !aisopod_json_bool(parse("\"true\""), &boolean) && boolean == 0);
}

static int writes_number(double number, const char *expected) {
  char text[40] = {0};
  aisopod_json_writer writer = aisopod_json_into(text, sizeof text - 1);
  aisopod_json_put_number(&writer, number);
  if (strcmp(text, expected) == 0) return 1;
  printf("%s is written as %s\n", expected, text);
  return 0;
}

static void write_numbers(void) {
  double zero = 0;
  CHECK(writes_number(0, "0") && writes_number(-zero, "0") && writes_number(-1.5, "-1.5") && writes_number(0.1, "0.1"));
  CHECK(writes_number(1e15, "1000000000000000") && writes_number(9007199254740991.0, "9007199254740991"));
  CHECK(writes_number(123456.789, "123456.789") && writes_number(0.000001, "0.000001") && writes_number(1.25e-9, "1.25e-9"));
  CHECK(writes_number(1e300, "1e+300") && writes_number(-2.5e-300, "-2.5e-300") && writes_number(3.14159265358979, "3.14159265358979"));
  CHECK(writes_number(999999999999999.9, "1e+15") && writes_number(1 / zero, "null") && writes_number(zero / zero, "null"));
  CHECK(writes_number(99.99, "99.99") && writes_number(1.0 / 3.0, "0.333333333333333"));
}

/* {"key":["a\"\n",-5,18446744073709551615,true,null,{},[]],"b":"…"} */
static void put_all(aisopod_json_writer *writer) {
  aisopod_json_open_object(writer);
  aisopod_json_put_key(writer, "key");
  aisopod_json_open_array(writer);
  aisopod_json_put_text(writer, "a\"\n\x01/\\");
  aisopod_json_put_int(writer, -5);
  aisopod_json_put_uint(writer, UINT64_MAX);
  aisopod_json_put_bool(writer, 1);
  aisopod_json_put_text(writer, NULL);
  aisopod_json_open_object(writer);
  aisopod_json_close_object(writer);
  aisopod_json_open_array(writer);
  aisopod_json_close_array(writer);
  aisopod_json_close_array(writer);
  aisopod_json_put_key(writer, "b");
  aisopod_json_put_text_of(writer, "\xFF\0\xC3\xA9", 4);
  aisopod_json_close_object(writer);
}

static void *no_memory(void *memory, size_t size) {
  (void)memory;
  (void)size;
  return NULL;
}

static void writing(void) {
  static const char ALL[] = "{\"key\":[\"a\\\"\\n\\u0001/\\\\\",-5,18446744073709551615,true,null,{},[]],\"b\":\"\xEF\xBF\xBD\\u0000\xC3\xA9\"}";
  char to[sizeof ALL];
  size_t capacity;
  aisopod_json_writer writer = aisopod_json_growing(realloc);
  put_all(&writer);
  CHECK(aisopod_json_fits(&writer) && writer.length == sizeof ALL - 1 && memcmp(writer.to, ALL, sizeof ALL - 1) == 0);
  free(writer.to);
  for (capacity = 0; capacity < sizeof ALL; capacity++) {
    memset(to, '#', sizeof to);
    writer = aisopod_json_into(to, capacity);
    put_all(&writer);
    CHECK(aisopod_json_fits(&writer) == (capacity == sizeof ALL - 1) && writer.length == sizeof ALL - 1 && to[capacity] == '#');
  }
  writer = aisopod_json_growing(no_memory);
  put_all(&writer);
  CHECK(!aisopod_json_fits(&writer) && writer.to == NULL);
  writer = aisopod_json_growing(realloc);
  aisopod_json_put_int(&writer, INT64_MIN);
  CHECK(writer.length == 20 && memcmp(writer.to, "-9223372036854775808", 20) == 0);
  free(writer.to);
}

static aisopod_reply reply_into(char *buffer, size_t capacity) {
  aisopod_reply reply;
  memset(&reply, 0, sizeof reply);
  reply.size = (uint32_t)sizeof reply;
  reply.buffer = buffer;
  reply.capacity = capacity;
  return reply;
}

static int freed;

static void count_free(void *memory) {
  freed++;
  free(memory);
}

static void replies(void) {
  char buffer[32];
  aisopod_reply reply = reply_into(buffer, sizeof buffer);
  CHECK(aisopod_reply_text(&reply, "a \"b\"") == AISOPOD_OK && reply.length == 9 && memcmp(buffer, "\"a \\\"b\\\"\"", 9) == 0);
  CHECK(aisopod_reply_text(&reply, "longer than the buffer that was lent") == AISOPOD_E_TOO_LARGE);
  reply = reply_into(buffer, sizeof buffer);
  CHECK(aisopod_reply_any(&reply, "[1]", 3, malloc, count_free) == AISOPOD_OK && reply.owned == NULL && reply.length == 3);
  reply = reply_into(buffer, 2);
  CHECK(aisopod_reply_any(&reply, "[1]", 3, malloc, count_free) == AISOPOD_OK && reply.length == 3 && memcmp(reply.owned, "[1]", 3) == 0);
  CHECK(freed == 0);
  reply.release(reply.release_argument, reply.owned);
  CHECK(freed == 1);
}

static aisopod_request request_with(const char *context) {
  aisopod_request request;
  memset(&request, 0, sizeof request);
  request.size = (uint32_t)sizeof request;
  request.context = context;
  request.context_length = context == NULL ? 0 : strlen(context);
  return request;
}

static int32_t context_text(const char *context, const char *key, char *to, size_t capacity) {
  aisopod_request request = request_with(context);
  return aisopod_context_text(&request, key, to, capacity);
}

static void contexts(void) {
  static const char CONTEXT[] = "{\"agentId\":\"a\",\"n\":1,\"nul\":\"a\\u0000b\",\"empty\":\"\"}";
  char to[8] = "before";
  aisopod_request request = request_with(CONTEXT);
  CHECK(context_text(CONTEXT, "agentId", to, sizeof to) == AISOPOD_OK && strcmp(to, "a") == 0);
  CHECK(context_text(CONTEXT, "empty", to, 1) == AISOPOD_OK && strcmp(to, "") == 0);
  CHECK(context_text(CONTEXT, "agentId", to, 1) == AISOPOD_E_TOO_LARGE && strcmp(to, "") == 0);
  CHECK(context_text(CONTEXT, "agentId", to, 0) == AISOPOD_E_TOO_LARGE);
  CHECK(context_text(CONTEXT, "n", to, sizeof to) == AISOPOD_E_INVALID && context_text(CONTEXT, "nul", to, sizeof to) == AISOPOD_E_INVALID);
  CHECK(context_text(CONTEXT, "userId", to, sizeof to) == AISOPOD_E_NOT_FOUND && context_text(NULL, "n", to, sizeof to) == AISOPOD_E_NOT_FOUND);
  /* The struct of a host that was built with header version 1 ends before the context. */
  request.size = (uint32_t)offsetof(aisopod_request, context);
  strcpy(to, "before");
  CHECK(aisopod_context(&request).length == 0 && aisopod_context_text(&request, "agentId", to, sizeof to) == AISOPOD_E_NOT_FOUND);
  CHECK(strcmp(to, "") == 0);
}

static uint32_t room;
static uint32_t cancel_word;
static int idled;
static int emitted;

static void give_room(void) {
  if (++idled == 3) room = 1;
}

static void be_cancelled(void) { cancel_word = 1; }

static int32_t emit(void *context, const aisopod_chunk *chunk) {
  (void)context;
  emitted++;
  CHECK(chunk->format == AISOPOD_FORMAT_BYTES && chunk->tag == AISOPOD_TAG_STDOUT && chunk->length == 3);
  return room != 0 ? AISOPOD_OK : AISOPOD_E_FULL;
}

static void waiting(void) {
  aisopod_host host;
  aisopod_ticket ticket;
  memset(&host, 0, sizeof host);
  host.emit = emit;
  ticket.host = &host;
  ticket.invocation = 5;
  ticket.cancel = &cancel_word;
  ticket.room = &room;
  ticket.cancel_epoch = 0;
  CHECK(aisopod_emit_wait(&ticket, AISOPOD_FORMAT_BYTES, AISOPOD_TAG_STDOUT, "abc", 3, give_room) == AISOPOD_OK);
  CHECK(idled == 3 && emitted == 2);
  room = 0;
  CHECK(aisopod_emit_wait(&ticket, AISOPOD_FORMAT_BYTES, AISOPOD_TAG_STDOUT, "abc", 3, be_cancelled) == AISOPOD_E_CANCELLED);
}

int main(void) {
  texts();
  objects();
  invalid();
  numbers();
  write_numbers();
  writing();
  replies();
  contexts();
  waiting();
  return failures;
}
