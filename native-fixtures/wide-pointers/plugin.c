/* `self`, `data` and `user` belong to the plugin and need not be addresses: here they use all 64 bits. Each function checks
 * that it gets its own value back. */
#include "stub.h"
#include "tools.h"

#define SELF ((void *)(uintptr_t)0xFEDCBA9876543211u)
#define DATA ((void *)(uintptr_t)0xFFFFFFFFFFFFFFFFu)
#define USER ((void *)(uintptr_t)0x8000000000000001u)
#define ARGUMENT ((void *)(uintptr_t)0x0123456789ABCDEFu)

AISOPOD_DEFINE_ABI();

static const aisopod_host *host;
static uint64_t waiting;
static int wrong_argument;

static void release(void *argument, const void *owned) {
  (void)owned;
  if (argument != ARGUMENT) wrong_argument = 1;
}

/* Replies with memory whose release argument uses 64 bits, and with whether all earlier ones came back unchanged. */
static int32_t wide(void *data, const aisopod_request *request, aisopod_reply *reply) {
  static const char RIGHT[] = "{\"right\":true}";
  static const char WRONG[] = "{\"right\":false}";
  (void)request;
  if (data == DATA && !wrong_argument) return aisopod_reply_owned(reply, RIGHT, sizeof RIGHT - 1, release, ARGUMENT);
  return aisopod_reply_owned(reply, WRONG, sizeof WRONG - 1, release, ARGUMENT);
}

static void take_answer(void *user, const aisopod_completion *answer) {
  (void)answer;
  aisopod_complete(host, waiting, AISOPOD_OK, user == USER ? "{\"right\":true}" : "{\"right\":false}",
                   user == USER ? 14 : 15);
}

static int32_t call_wide(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_call call = call_of(request, "nobody-has-this", take_answer);
  int32_t status;
  (void)data;
  call.user = USER;
  waiting = request->invocation;
  status = host->call(host->context, &call);
  return status == AISOPOD_PENDING ? status : aisopod_fail(reply, status, "refused");
}

static int32_t register_capabilities(void *self, const aisopod_host *with, aisopod_reply *reply) {
  static const tool TOOLS[] = {{"wide", 0, wide, NULL}, {"wide_inline", AISOPOD_CAPABILITY_INLINE, wide, NULL}, {"call_wide", 0, call_wide, NULL}};
  if (self != SELF) return aisopod_fail(reply, AISOPOD_E_FAILED, "this is not my self");
  return register_tools(with, TOOLS, sizeof TOOLS / sizeof TOOLS[0], DATA, reply);
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  host = init->host;
  return self == SELF ? AISOPOD_OK : aisopod_fail(reply, AISOPOD_E_FAILED, "this is not my self");
}

static int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  return self == SELF ? AISOPOD_OK : aisopod_fail(reply, AISOPOD_E_FAILED, "this is not my self");
}

static aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, init_plugin, shutdown_plugin);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  plugin.self = SELF;
  return &plugin;
}
