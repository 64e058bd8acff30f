/* Prints to standard output, in each function, what looks like an answer of JSON-RPC. */
#include "stub.h"
#include "tools.h"

AISOPOD_DEFINE_ABI();

static void print(const char *where) {
  printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"printedIn\":\"%s\"}}\n", where);
  fflush(stdout);
}

static int32_t print_tool(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  print("tool");
  return aisopod_reply_json(reply, "{\"printed\":true}");
}

static const tool TOOLS[] = {{"print", 0, print_tool, NULL}};

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  print("register");
  return register_tools(host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}

static int32_t init(void *self, const aisopod_init *given, aisopod_reply *reply) {
  (void)self;
  (void)given;
  (void)reply;
  print("init");
  return AISOPOD_OK;
}

static int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  print("shutdown");
  return AISOPOD_OK;
}

static const aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, init, shutdown_plugin);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  print("create");
  return &plugin;
}
