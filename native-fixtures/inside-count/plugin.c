/* Counts the threads inside it. Built twice: without flags, and THREAD_SAFE. */
#include "stub.h"
#include "thread.h"
#include "tools.h"

#ifndef FIXTURE_FLAGS
#define FIXTURE_FLAGS 0
#endif

AISOPOD_DEFINE_ABI();

static const aisopod_host *host;
static mutex lock;
static int64_t inside;
static int64_t most;
static int64_t entered;

static int64_t step(int64_t by) {
  int64_t now;
  mutex_lock(&lock);
  inside += by;
  if (inside > most) most = inside;
  if (by > 0) entered++;
  now = entered;
  mutex_unlock(&lock);
  return now;
}

/* {"ms": n}: stays inside for n ms; replies with the number of calls of the plugin so far. */
static int32_t stay(void *data, const aisopod_request *request, aisopod_reply *reply) {
  int64_t order = step(1);
  (void)data;
  sleep_ms((uint32_t)json_number(input_of(request), "ms", 0));
  step(-1);
  return answer_number(reply, "order", order);
}

/* The highest number of threads that were inside at once. */
static int32_t most_inside(void *data, const aisopod_request *request, aisopod_reply *reply) {
  int64_t seen;
  (void)data;
  (void)request;
  mutex_lock(&lock);
  seen = most;
  mutex_unlock(&lock);
  return answer_number(reply, "most", seen);
}

static int32_t log_inline(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return answer_number(reply, "status", aisopod_log_text(host, AISOPOD_LOG_INFO, "from the main thread"));
}

/* Calls `stay` of this plugin through the host while it is inside; replies with the host's answer. */
static uint64_t waiting;

static void pass_on(void *user, const aisopod_completion *answer) {
  (void)user;
  aisopod_complete(host, waiting, answer->status, answer->data, answer->length);
}

static int32_t call_self(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_call call = call_of(request, "stay", pass_on);
  int32_t status;
  (void)data;
  waiting = request->invocation;
  status = host->call(host->context, &call);
  sleep_ms((uint32_t)json_number(input_of(request), "ms", 0)); /* still inside while the host acts on it */
  return status == AISOPOD_PENDING ? status : aisopod_fail(reply, status, "refused");
}

/* Uses all of the mebibyte of stack that rule 8 promises, and calls the host at its end. */
static int32_t use_stack(void *data, const aisopod_request *request, aisopod_reply *reply) {
  volatile char mebibyte[1 << 20];
  size_t i;
  (void)data;
  (void)request;
  for (i = 0; i < sizeof mebibyte; i += 1024) mebibyte[i] = 1;
  return answer_number(reply, "status", mebibyte[0] * aisopod_log_text(host, AISOPOD_LOG_INFO, "deep down"));
}

/* Replies in memory of its own. To release it counts as inside as well. */
static void release(void *argument, const void *owned) {
  (void)argument;
  (void)owned;
  step(1);
  sleep_ms(1);
  step(-1);
}

static int32_t owned(void *data, const aisopod_request *request, aisopod_reply *reply) {
  static const char TEXT[] = "{}";
  (void)data;
  (void)request;
  step(1);
  step(-1);
  return aisopod_reply_owned(reply, TEXT, sizeof TEXT - 1, release, NULL);
}

static const tool TOOLS[] = {
    {"stay", 0, stay, NULL},
    {"use_stack", 0, use_stack, NULL},
    {"most_inside", AISOPOD_CAPABILITY_INLINE, most_inside, NULL},
    {"log_inline", AISOPOD_CAPABILITY_INLINE, log_inline, NULL},
    {"call_self", 0, call_self, NULL},
    {"owned_inside", 0, owned, NULL},
};

static int32_t register_capabilities(void *self, const aisopod_host *with, aisopod_reply *reply) {
  (void)self;
  return register_tools(with, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  host = init->host;
  return AISOPOD_OK;
}

static aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, init_plugin, stub_shutdown);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  mutex_make(&lock);
  inside = most = entered = 0;
  plugin.flags = FIXTURE_FLAGS;
  return &plugin;
}
