/*
 * Finds values in JSON text and decodes strings. Only for the examples, so that they have no dependencies; use a JSON
 * library in your own plugin. Never reads past the end of the text, even if it is not valid JSON.
 */
#ifndef EXAMPLE_JSON_H
#define EXAMPLE_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* One value in the text, without surrounding space. Length 0: no such value. */
typedef struct json {
  const char *at;
  size_t length;
} json;

static inline json json_of(const void *text, size_t length) {
  json value;
  value.at = (const char *)text;
  value.length = length;
  return value;
}

/* Skips spaces, commas and colons from `at` on. In valid JSON, returns the start of the next value. */
static inline size_t json_skip(json text, size_t at) {
  while (at < text.length && strchr(" \t\r\n,:", text.at[at]) != NULL && text.at[at] != '\0') at++;
  return at;
}

/* The end of the value that starts at `at`. */
static inline size_t json_end(json text, size_t at) {
  size_t depth = 0;
  int in_string = 0;
  for (; at < text.length; at++) {
    char c = text.at[at];
    if (in_string) {
      if (c == '\\') at++;
      else if (c == '"') in_string = 0;
      if (in_string || depth > 0) continue;
      return at < text.length ? at + 1 : text.length;
    }
    if (c == '"') in_string = 1;
    else if (c == '{' || c == '[') depth++;
    else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    } else if (depth == 0 && strchr(" \t\r\n,:", c) != NULL) return at;
  }
  return text.length;
}

/* The value that follows `previous` inside `parent`, an object or an array; keys are values too. Begin with
 * json_of(NULL, 0). */
static inline json json_next(json parent, json previous) {
  size_t at = previous.at == NULL ? json_skip(parent, 0) + 1 : (size_t)(previous.at - parent.at) + previous.length;
  at = json_skip(parent, at);
  if (at >= parent.length) return json_of("", 0);
  return json_of(parent.at + at, json_end(parent, at) - at);
}

/* The value of `key` in an object. */
static inline json json_member(json object, const char *key) {
  size_t length = strlen(key);
  json name = json_next(object, json_of(NULL, 0));
  while (name.length > 0) {
    json value = json_next(object, name);
    if (name.length == length + 2 && memcmp(name.at + 1, key, length) == 0) return value;
    if (value.length == 0) break;
    name = json_next(object, value);
  }
  return json_of("", 0);
}

static inline int json_is_string(json value) { return value.length >= 2 && value.at[0] == '"'; }

/* Parses four hexadecimal digits. */
static inline uint32_t json_hex(const char *digits) {
  uint32_t number = 0;
  int i;
  for (i = 0; i < 4; i++) {
    char c = digits[i];
    number = number * 16u + (uint32_t)(c >= 'a' ? c - 'a' + 10 : c >= 'A' ? c - 'A' + 10 : c - '0');
  }
  return number;
}

/* Writes a code point as UTF-8 and returns its length in bytes, at most 4. */
static inline size_t json_put(char *to, uint32_t point) {
  static const uint32_t FIRST[] = {0x00u, 0xC0u, 0xE0u, 0xF0u};
  size_t more = point < 0x80u ? 0 : point < 0x800u ? 1 : point < 0x10000u ? 2 : 3;
  size_t i;
  for (i = more; i > 0; i--, point >>= 6) to[i] = (char)(0x80u | (point & 0x3Fu));
  to[0] = (char)(FIRST[more] | point);
  return more + 1;
}

/* Decodes a string into `to`, which must have room for value.length bytes. Returns the length of the result. */
static inline size_t json_decode(json value, char *to) {
  static const char ESCAPES[] = "b\bf\fn\nr\rt\t";
  size_t end = value.length - 1;
  size_t length = 0;
  size_t at;
  for (at = 1; at < end; at++) {
    const char *escape;
    uint32_t unit;
    if (value.at[at] != '\\' || at + 1 >= end) {
      to[length++] = value.at[at];
      continue;
    }
    at++;
    if (value.at[at] != 'u' || at + 4 >= end) {
      escape = (const char *)memchr(ESCAPES, value.at[at], sizeof ESCAPES - 1);
      to[length++] = escape == NULL ? value.at[at] : escape[1];
      continue;
    }
    unit = json_hex(value.at + at + 1);
    at += 4;
    if (unit >= 0xD800u && unit < 0xDC00u && at + 6 < end && value.at[at + 1] == '\\') { /* high surrogate */
      unit = 0x10000u + ((unit - 0xD800u) << 10) + ((json_hex(value.at + at + 3) - 0xDC00u) & 0x3FFu);
      at += 6;
    }
    length += json_put(to + length, unit & 0x1FFFFFu);
  }
  return length;
}

#endif
