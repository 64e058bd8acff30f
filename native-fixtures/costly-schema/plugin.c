/* Tools that reply {}. Validating their parameters would take practically for ever. */
#include <stdio.h>

#include "stub.h"

AISOPOD_DEFINE_ABI();

static int32_t nothing(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "{}");
}

/* The time doubles with each letter of a text that does not match. */
static const char pattern[] = "{\"properties\":{\"text\":{\"pattern\":\"^(a+)+$\"}}}";
/* Refers to itself without consuming anything. */
static const char endless[] = "{\"allOf\":[{\"$ref\":\"#\"}]}";

#define DEFINITIONS 40
static char fan_out[8192];

/* The time doubles with each definition, because each one refers to the next twice. */
static void write_fan_out(void) {
  size_t at = (size_t)snprintf(fan_out, sizeof fan_out, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
  int i;
  for (i = 0; i < DEFINITIONS; i++) {
    at += (size_t)snprintf(fan_out + at, sizeof fan_out - at,
                           "\"d%d\":{\"allOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]},", i, i + 1, i + 1);
  }
  snprintf(fan_out + at, sizeof fan_out - at, "\"d%d\":{\"type\":\"object\"}}}", DEFINITIONS);
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  int32_t status;
  write_fan_out();
  status = aisopod_register_tool(host, "plain", "", "{\"type\":\"object\"}", nothing, self, reply);
  if (status > 0) status = aisopod_register_tool(host, "pattern", "", pattern, nothing, self, reply);
  if (status > 0) status = aisopod_register_tool(host, "fan_out", "", fan_out, nothing, self, reply);
  if (status > 0) status = aisopod_register_tool(host, "endless", "", endless, nothing, self, reply);
  return status;
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
