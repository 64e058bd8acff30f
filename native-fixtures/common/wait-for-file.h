/* A tool that takes as long as its test wants. */
#ifndef WAIT_FOR_FILE_H
#define WAIT_FOR_FILE_H

#include "thread.h"
#include "tools.h"

#include <stdio.h>

static inline int file_exists(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) return 0;
  fclose(file);
  return 1;
}

/* {"file": path}: returns when the file exists, or the invocation is cancelled. The path has no characters that JSON escapes. */
static inline int32_t wait_for_file(const aisopod_request *request, aisopod_reply *reply, const char *key, int answer) {
  char name[1024];
  json_copy(json_text(json_member(input_of(request), "file")), name, sizeof name);
  while (!file_exists(name)) {
    if (aisopod_cancelled(request)) return aisopod_fail(reply, AISOPOD_E_CANCELLED, "cancelled");
    sleep_ms(1);
  }
  return answer_number(reply, key, answer);
}

#endif
