/* Sets AISOPOD_PLUGIN_ONE_THREAD and counts the threads that enter it, starting with register. */
#include "stub.h"
#include "thread.h"
#include "tools.h"

AISOPOD_DEFINE_ABI();

static uint64_t first;
static int64_t others; /* calls on another thread than the first */

static void note_thread(void) {
  if (first == 0) first = thread_self();
  if (first != thread_self()) others++;
}

static int32_t threads(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  note_thread();
  return answer_number(reply, "others", others);
}

static void release(void *argument, const void *owned) {
  (void)argument;
  (void)owned;
  note_thread();
}

static int32_t owned(void *data, const aisopod_request *request, aisopod_reply *reply) {
  static const char TEXT[] = "{}";
  (void)data;
  (void)request;
  note_thread();
  return aisopod_reply_owned(reply, TEXT, sizeof TEXT - 1, release, NULL);
}

static const aisopod_host *host;

static void take_answer(void *user, const aisopod_completion *answer) {
  note_thread();
  aisopod_complete(host, (uint64_t)(uintptr_t)user, answer->status, answer->data, answer->length);
}

/* Calls the tool `echo` of another plugin, and answers what that does. */
static int32_t ask(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_call call = call_of(request, "echo", take_answer);
  int32_t status;
  (void)data;
  note_thread();
  call.user = (void *)(uintptr_t)request->invocation;
  status = host->call(host->context, &call);
  return status == AISOPOD_PENDING ? status : aisopod_fail(reply, status, "refused");
}

static const tool TOOLS[] = {
    {"threads", 0, threads, NULL},
    {"threads_inline", AISOPOD_CAPABILITY_INLINE, threads, NULL},
    {"threads_owned", 0, owned, NULL},
    {"threads_ask", 0, ask, NULL},
};

static int32_t register_capabilities(void *self, const aisopod_host *with, aisopod_reply *reply) {
  (void)self;
  note_thread();
  return register_tools(with, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  host = init->host;
  (void)reply;
  note_thread();
  return AISOPOD_OK;
}

static aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, init_plugin, stub_shutdown);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  plugin.flags = AISOPOD_PLUGIN_ONE_THREAD;
  return &plugin;
}
