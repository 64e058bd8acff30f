/* Registers one tool: its schema is {"not":{"not": …}}, nearly as long as a schema may be. */
#include <string.h>

#include "stub.h"

AISOPOD_DEFINE_ABI();

#define DEPTH 30000
static const char opening[] = "{\"not\":";
static char schema[DEPTH * sizeof opening + 8];

static int32_t nothing(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "{}");
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  char *at = schema;
  int i;
  for (i = 0; i < DEPTH; i++, at += sizeof opening - 1) memcpy(at, opening, sizeof opening - 1);
  memcpy(at, "{}", 2);
  at += 2;
  memset(at, '}', DEPTH);
  at[DEPTH] = '\0';
  return aisopod_register_tool(host, "nested", "", schema, nothing, self, reply);
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
