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

static const tool TOOLS[] = {{"threads", 0, threads, NULL}};

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  note_thread();
  return register_tools(host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  (void)reply;
  note_thread();
  return AISOPOD_OK;
}

static aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, init_plugin, stub_shutdown);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  plugin.flags = AISOPOD_PLUGIN_ONE_THREAD;
  return &plugin;
}
