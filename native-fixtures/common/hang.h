#ifndef HANG_H
#define HANG_H

#include <stdlib.h>

#include "thread.h"

/* Takes 2 seconds, or AISOPOD_FIXTURE_HANG_MS: longer where the process is killed for it. */
static inline void hang(void) {
  const char *ms = getenv("AISOPOD_FIXTURE_HANG_MS");
  sleep_ms(ms == NULL ? 2000 : (uint32_t)strtoul(ms, NULL, 10));
}

#endif
