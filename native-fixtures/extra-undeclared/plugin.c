/* Registers one tool more than the manifest declares, and ignores the refusal. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

static int32_t nothing(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "{}");
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  aisopod_register_tool(host, "declared", NULL, NULL, nothing, NULL, reply);
  aisopod_register_tool(host, "undeclared", NULL, NULL, nothing, NULL, reply);
  return AISOPOD_OK;
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
