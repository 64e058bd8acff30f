#include "mistakes.h"

#define MAX_THREADS 4096

const aisopod_host *host;

static thread threads[MAX_THREADS];
static int thread_count;

int run_aside(void (*run)(void *argument), void *argument) {
  if (thread_count == MAX_THREADS || !thread_start(&threads[thread_count], run, argument)) return 0;
  thread_count++;
  return 1;
}

void join_all(void) {
  while (thread_count > 0) thread_join(threads[--thread_count]);
}

int32_t answer_null(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  if (strcmp(request->method, "call") != 0) return aisopod_fail(reply, AISOPOD_E_UNSUPPORTED, "unknown method");
  return aisopod_reply_json(reply, "null");
}
