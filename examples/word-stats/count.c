#include "count.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ASCII letters, digits, '_', and every byte of a non-ASCII character. Not isalnum, which depends on the locale. */
static int is_word_byte(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

/* The length in bytes of the UTF-8 character at `text`, or 0 if it is invalid. Does not read past a NUL. */
static size_t utf8_character(const unsigned char *text) {
  unsigned char c = text[0];
  size_t length = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
  size_t i;
  for (i = 1; i < length; i++)
    if ((text[i] & 0xC0) != 0x80) return 0;
  if (text[0] == 0xE0 && text[1] < 0xA0) return 0; /* overlong encoding */
  if (text[0] == 0xED && text[1] > 0x9F) return 0; /* surrogate */
  if (text[0] == 0xF0 && text[1] < 0x90) return 0; /* overlong encoding */
  if (text[0] == 0xF4 && text[1] > 0x8F) return 0; /* above U+10FFFF */
  return length;
}

/* A file may contain any bytes, but a reply must be UTF-8. */
static int is_utf8(const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  while (*at != 0) {
    size_t length = utf8_character(at);
    if (length == 0) return 0;
    at += length;
  }
  return 1;
}

/* Adds the current word to the list of longest words, if it is long enough. */
static void keep_longest(word_count *count) {
  size_t i;
  if (count->word_length >= WORD_ROOM) return;
  count->word[count->word_length] = '\0';
  if (!is_utf8(count->word)) return;
  for (i = 0; i < MAX_LISTED; i++) {
    if (strcmp(count->longest[i], count->word) == 0) return;
    if (strlen(count->longest[i]) >= count->word_length) continue;
    memmove(count->longest[i + 1 < MAX_LISTED ? i + 1 : i], count->longest[i], (MAX_LISTED - 1 - i) * WORD_ROOM);
    memcpy(count->longest[i], count->word, count->word_length + 1);
    return;
  }
}

static void end_word(word_count *count) {
  if (count->word_length == 0) return;
  count->words++;
  keep_longest(count);
  count->word_length = 0;
}

void count_text(word_count *count, const char *text, size_t length) {
  size_t i;
  for (i = 0; i < length; i++) {
    char c = text[i];
    if (is_word_byte((unsigned char)c)) {
      if (count->word_length < WORD_ROOM) count->word[count->word_length++] = c;
    } else {
      end_word(count);
    }
    count->line_is_open = c != '\n';
    if (c == '\n') count->lines++;
  }
  count->bytes += length;
}

void count_end(word_count *count) {
  end_word(count);
  if (count->line_is_open) count->lines++;
  count->line_is_open = 0;
}

void count_to_json(const word_count *count, char *json, size_t capacity) {
  int i;
  size_t at = (size_t)snprintf(json, capacity,
                               "{\"bytes\":%" PRIu64 ",\"lines\":%" PRIu64 ",\"words\":%" PRIu64 ",\"longest\":[",
                               count->bytes, count->lines, count->words);
  /* Words contain no characters that need escaping in JSON. */
  for (i = 0; i < MAX_LISTED && count->longest[i][0] != '\0'; i++)
    at += (size_t)snprintf(json + at, capacity - at, "%s\"%s\"", i == 0 ? "" : ",", count->longest[i]);
  snprintf(json + at, capacity - at, "]}");
}
