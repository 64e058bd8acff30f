/* Counts the calls of its cancel function: for invocations that were entered, and for others. */
#include "stub.h"
#include "thread.h"
#include "tools.h"

#define MAX_ENTERED 256

AISOPOD_DEFINE_ABI();

static mutex lock;
static uint64_t entered[MAX_ENTERED];
static size_t entered_count;
static int known;
static int unknown;

static void cancel(void *data, uint64_t invocation) {
  size_t i = 0;
  (void)data;
  mutex_lock(&lock);
  while (i < entered_count && entered[i] != invocation) i++;
  if (i < entered_count) known++;
  else unknown++;
  mutex_unlock(&lock);
}

/* {"ms": n}: until then, or cancelled. */
static int32_t work(void *data, const aisopod_request *request, aisopod_reply *reply) {
  uint64_t end = now_ms() + json_number(input_of(request), "ms", 0);
  (void)data;
  mutex_lock(&lock);
  if (entered_count < MAX_ENTERED) entered[entered_count++] = request->invocation;
  mutex_unlock(&lock);
  while (now_ms() < end) {
    if (aisopod_cancelled(request)) return aisopod_fail(reply, AISOPOD_E_CANCELLED, "cancelled");
    sleep_ms(1);
  }
  return aisopod_reply_json(reply, "{}");
}

static int32_t counts(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char text[96];
  (void)data;
  (void)request;
  mutex_lock(&lock);
  snprintf(text, sizeof text, "{\"entered\":%u,\"known\":%d,\"unknown\":%d}", (unsigned)entered_count, known, unknown);
  mutex_unlock(&lock);
  return aisopod_reply_json(reply, text);
}

static const tool TOOLS[] = {{"work", 0, work, cancel}, {"counts", AISOPOD_CAPABILITY_INLINE, counts, NULL}};

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  return register_tools(host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}


static const aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, stub_init, stub_shutdown);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  mutex_make(&lock);
  entered_count = 0;
  known = unknown = 0;
  return &plugin;
}
