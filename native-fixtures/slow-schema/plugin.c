/* Registers one tool. Its schema has 20,000 values, and its draft requires comparing each with every other. */
#include <stdio.h>

#include "stub.h"

AISOPOD_DEFINE_ABI();

#define VALUES 20000
static char schema[VALUES * sizeof "{\"i\":10000}," + 128];

static int32_t nothing(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "{}");
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  size_t at = (size_t)snprintf(schema, sizeof schema, "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"enum\":[");
  int i;
  for (i = 0; i < VALUES; i++) at += (size_t)snprintf(schema + at, sizeof schema - at, "{\"i\":%d},", i);
  snprintf(schema + at - 1, sizeof schema - at + 1, "]}");
  return aisopod_register_tool(host, "slow", "", schema, nothing, self, reply);
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
