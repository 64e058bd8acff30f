/* Minimal JSON for fixtures: finds values in text that the host has validated, and never reads past its end. Strings keep
 * their escapes, so that they can be copied into other JSON. */
#ifndef FIXTURE_JSON_H
#define FIXTURE_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct json {
  const char *at;
  size_t length; /* 0: no such value */
} json;

static inline json json_of(const void *text, size_t length) {
  json whole;
  whole.at = (const char *)text;
  whole.length = length;
  return whole;
}

static inline int json_is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static inline size_t json_skip_space(json text, size_t at) {
  while (at < text.length && json_is_space(text.at[at])) at++;
  return at;
}

static inline size_t json_end_of_string(json text, size_t at) {
  for (at++; at < text.length && text.at[at] != '"'; at++)
    if (text.at[at] == '\\') at++;
  return at < text.length ? at + 1 : text.length;
}

static inline size_t json_end_of_value(json text, size_t at) {
  size_t depth = 0;
  while (at < text.length) {
    char c = text.at[at];
    if (c == '"') {
      at = json_end_of_string(text, at);
      if (depth == 0) return at;
      continue;
    }
    if (c == '}' || c == ']') {
      if (depth == 0) return at; /* the end of what holds a bare value */
      depth--;
      if (depth == 0) return at + 1;
    } else if (c == '{' || c == '[') {
      depth++;
    } else if (depth == 0 && (c == ',' || c == ':' || json_is_space(c))) {
      return at;
    }
    at++;
  }
  return text.length;
}

static inline json json_value_at(json text, size_t at) {
  json value;
  at = json_skip_space(text, at);
  value.at = text.at + at;
  value.length = json_end_of_value(text, at) - at;
  return value;
}

/* The value of `key` in an object. */
static inline json json_member(json object, const char *key) {
  size_t key_length = strlen(key);
  size_t at = json_skip_space(object, 0) + 1;
  while (at < object.length) {
    json name = json_value_at(object, at);
    json value;
    if (name.length < 2) break;
    at = json_skip_space(object, (size_t)(name.at - object.at) + name.length) + 1; /* past the colon */
    if (at >= object.length) break;
    value = json_value_at(object, at);
    if (name.length == key_length + 2 && memcmp(name.at + 1, key, key_length) == 0) return value;
    at = json_skip_space(object, (size_t)(value.at - object.at) + value.length) + 1; /* past the comma */
  }
  return json_of("", 0);
}

/* The value at `index` of an array; the last one for SIZE_MAX. */
static inline json json_element(json array, size_t index) {
  json last = json_of("", 0);
  size_t at = json_skip_space(array, 0) + 1;
  while (at < array.length) {
    json value = json_value_at(array, at);
    if (value.length == 0) break;
    if (index == 0) return value;
    if (index != SIZE_MAX) index--;
    else last = value;
    at = json_skip_space(array, (size_t)(value.at - array.at) + value.length) + 1;
  }
  return last;
}

/* A non-negative integer, also inside a string; `fallback` if there is none. */
static inline uint64_t json_whole(json value, uint64_t fallback) {
  uint64_t number = 0;
  size_t at = value.length > 0 && value.at[0] == '"' ? 1 : 0;
  size_t first = at;
  for (; at < value.length && value.at[at] >= '0' && value.at[at] <= '9' && at < first + 18; at++)
    number = number * 10u + (uint64_t)(value.at[at] - '0');
  return at == first ? fallback : number;
}

static inline uint64_t json_number(json object, const char *key, uint64_t fallback) {
  return json_whole(json_member(object, key), fallback);
}

/* The text between the quotes; empty for other values. */
static inline json json_text(json value) {
  if (value.length < 2 || value.at[0] != '"') return json_of("", 0);
  return json_of(value.at + 1, value.length - 2);
}

static inline int json_equals(json text, const char *word) {
  return text.length == strlen(word) && memcmp(text.at, word, text.length) == 0;
}

/* Copies the text between the quotes into `to`, cut to what fits, with a NUL. */
static inline void json_copy(json text, char *to, size_t capacity) {
  size_t length = text.length < capacity - 1 ? text.length : capacity - 1;
  memcpy(to, text.at, length);
  to[length] = '\0';
}

#endif
