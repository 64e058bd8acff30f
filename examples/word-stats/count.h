/* Counting, which knows nothing of plugins: give it a text in pieces of any size. */
#ifndef WORD_STATS_COUNT_H
#define WORD_STATS_COUNT_H

#include <stddef.h>
#include <stdint.h>

#define LONGEST_KEPT 5
#define WORD_ROOM 64 /* longer words are counted, and not shown */

typedef struct word_count {
  uint64_t bytes;
  uint64_t lines; /* as many as there are newlines, and one for a last line without */
  uint64_t words;
  char longest[LONGEST_KEPT][WORD_ROOM]; /* the longest first, each once, NUL-terminated; empty where there are fewer */
  char word[WORD_ROOM];                  /* the word that is being read */
  size_t word_length;
  int line_is_open;
} word_count;

/* Begin with a word_count of zeros. */
void count_text(word_count *count, const char *text, size_t length);
/* Call it once, after the last piece: it ends the last word and the last line. */
void count_end(word_count *count);
/* Writes the result as JSON, NUL-terminated; `capacity` of 1024 is always enough. */
void count_to_json(const word_count *count, char *json, size_t capacity);

#endif
