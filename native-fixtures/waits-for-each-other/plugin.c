/* Four tools, each of which calls the next and waits for the answer inside invoke, which rule 12 forbids: when all four
 * run, none can continue. Each stops only when it is cancelled: where calls nest too deep, it goes on waiting as well. */
#include "stub.h"
#include "thread.h"
#include "tools.h"

#define COUNT 4

AISOPOD_DEFINE_ABI();

static const char *const NAMES[COUNT] = {"first", "second", "third", "fourth"};
static const aisopod_host *host;

/* Outlives the invocation, because the answer may come after it. */
typedef struct pending_answer {
  mutex lock;
  int answered;
  int32_t status;
} pending_answer;

static void take_answer(void *user, const aisopod_completion *answer) {
  pending_answer *waiting = (pending_answer *)user;
  mutex_lock(&waiting->lock);
  waiting->answered = answer->status > 0;
  waiting->status = answer->status;
  mutex_unlock(&waiting->lock);
}

static int has_answer(pending_answer *waiting) {
  int answered;
  mutex_lock(&waiting->lock);
  answered = waiting->answered;
  mutex_unlock(&waiting->lock);
  return answered;
}

static int32_t wait_for_next(const char *next, const aisopod_request *request, aisopod_reply *reply) {
  pending_answer *waiting = (pending_answer *)calloc(1, sizeof *waiting); /* never freed: a late answer may still come */
  aisopod_call call = call_of(request, next, take_answer);
  int32_t status;
  if (waiting == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  mutex_make(&waiting->lock);
  call.user = waiting;
  status = host->call(host->context, &call);
  if (status != AISOPOD_PENDING) return aisopod_fail(reply, status, "the host refused the call");
  while (!has_answer(waiting)) {
    if (aisopod_cancelled(request)) return aisopod_fail(reply, AISOPOD_E_CANCELLED, "cancelled while waiting");
    sleep_ms(1);
  }
  return answer_number(reply, "status", waiting->status);
}

static int32_t call_next(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const char *const *name = (const char *const *)data;
  return wait_for_next(NAMES[(size_t)(name - NAMES + 1) % COUNT], request, reply);
}

static int32_t register_capabilities(void *self, const aisopod_host *with, aisopod_reply *reply) {
  int32_t status = AISOPOD_OK;
  size_t i;
  (void)self;
  for (i = 0; status > 0 && i < COUNT; i++) {
    tool next = {NULL, 0, call_next, NULL};
    next.name = NAMES[i];
    status = register_tools(with, &next, 1, (void *)(uintptr_t)&NAMES[i], reply);
  }
  return status;
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  host = init->host;
  return AISOPOD_OK;
}

static const aisopod_plugin plugin = {(uint32_t)sizeof(aisopod_plugin), AISOPOD_PLUGIN_THREAD_SAFE, NULL, FIXTURE_ID, NULL,
                                      register_capabilities, init_plugin, stub_shutdown, NULL};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
