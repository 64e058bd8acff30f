/* Counting, independent of plugins. Takes text in pieces of any size. */
#ifndef WORD_STATS_COUNT_H
#define WORD_STATS_COUNT_H

#include <stddef.h>
#include <stdint.h>

#define MAX_LISTED 5
#define WORD_ROOM 64 /* longer words are counted but not listed */

typedef struct word_count {
  uint64_t bytes;
  uint64_t lines; /* the number of newlines, plus one for a last line without a newline */
  uint64_t words;
  char longest[MAX_LISTED][WORD_ROOM]; /* longest first, no duplicates, NUL-terminated; unused entries are empty */
  char word[WORD_ROOM];                  /* the current word */
  size_t word_length;
  int line_is_open;
} word_count;

/* Start with a zeroed word_count. */
void count_text(word_count *count, const char *text, size_t length);
/* Call once, after the last piece: ends the last word and the last line. */
void count_end(word_count *count);
/* Writes the result as JSON, NUL-terminated; `capacity` of 1024 is always enough. */
void count_to_json(const word_count *count, char *json, size_t capacity);

#endif
