/* Leaves threads behind, or blocks where it must not (rules 10, 11). */
#include "mistakes.h"

static void run_for_ever(void *unused) {
  (void)unused;
  for (;;) sleep_ms(100);
}

static int32_t start_watcher(void *self, const aisopod_init *init, aisopod_reply *reply) {
  thread watcher;
  (void)self;
  (void)init;
  if (!thread_start(&watcher, run_for_ever, NULL)) return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread to be had");
  thread_detach(watcher);
  return AISOPOD_OK;
}

const mistake threads_not_joined = {.init = start_watcher};

static int32_t block(void *data, const aisopod_request *request, aisopod_reply *reply) {
  sleep_ms(3000);
  return answer_null(data, request, reply);
}

const mistake inline_blocks = {.invoke = block, .capability_flags = AISOPOD_CAPABILITY_INLINE};
