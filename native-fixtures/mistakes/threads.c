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

static void log_aside(void *unused) {
  (void)unused;
  aisopod_log_text(host, AISOPOD_LOG_INFO, "from another thread");
}

static int32_t wait_for_log(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (!run_aside(log_aside, NULL)) return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread to be had");
  join_all();
  return answer_null(data, request, reply);
}

const mistake inline_waits = {.invoke = wait_for_log, .capability_flags = AISOPOD_CAPABILITY_INLINE};

static volatile int inside;

static int32_t require_alone(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (inside) abort();
  inside = 1;
  sleep_ms(20);
  inside = 0;
  return answer_null(data, request, reply);
}

const mistake not_thread_safe = {.invoke = require_alone, .plugin_flags = AISOPOD_PLUGIN_THREAD_SAFE};

static uint64_t first_thread;

static int32_t require_same_thread(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (first_thread == 0) first_thread = thread_self();
  if (first_thread != thread_self()) abort();
  return answer_null(data, request, reply);
}

const mistake one_thread_assumed = {.invoke = require_same_thread};
