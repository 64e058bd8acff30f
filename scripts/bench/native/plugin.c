/* The measured plugin. It also exports the functions in work.h, which the koffi rows call directly. */
#include "work.h"

#include <stdio.h>
#include <stdlib.h>

AISOPOD_DEFINE_ABI();

static const aisopod_host *the_host;

static void release(void *argument, const void *owned) {
  (void)argument;
  free((void *)(uintptr_t)owned);
}

static int32_t echo(void *data, const aisopod_request *request, aisopod_reply *reply) {
  void *memory;
  (void)data;
  if (request->input_length <= reply->capacity) {
    reply->length = bench_echo(request->input, request->input_length, reply->buffer);
    return AISOPOD_OK;
  }
  memory = malloc(request->input_length);
  if (memory == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  return aisopod_reply_owned(reply, memory, bench_echo(request->input, request->input_length, memory), release, NULL);
}

/* Input: the number of lines to log. */
static int32_t log_often(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char text[16] = {0};
  (void)data;
  if (request->input_length >= sizeof text) return aisopod_fail(reply, AISOPOD_E_INVALID, "expected a number");
  bench_echo(request->input, request->input_length, text);
  snprintf(text, sizeof text, "%d", (int)bench_log(the_host->log, the_host->context, (int32_t)atoi(text)));
  return aisopod_reply_json(reply, text);
}

/* The schema of the parameters in the JSON benchmark. */
static const char SCHEMA[] =
    "{\"type\":\"object\",\"required\":[\"query\",\"limit\",\"places\"],\"additionalProperties\":false,\"properties\":{"
    "\"query\":{\"type\":\"string\",\"minLength\":1},\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100},"
    "\"exact\":{\"type\":\"boolean\"},\"places\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"name\"],"
    "\"properties\":{\"name\":{\"type\":\"string\"},\"lat\":{\"type\":\"number\"},\"lon\":{\"type\":\"number\"}}}}}}";

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  aisopod_capability inline_echo = aisopod_capability_of(AISOPOD_KIND_TOOL, "echo-inline-" BENCH_ID, echo);
  aisopod_capability logger = aisopod_capability_of(AISOPOD_KIND_TOOL, "log-inline-" BENCH_ID, log_often);
  int32_t status = aisopod_register_tool(host, "echo-" BENCH_ID, "Answers what it was given", SCHEMA, echo, self, reply);
  inline_echo.flags = logger.flags = AISOPOD_CAPABILITY_INLINE;
  inline_echo.spec = SCHEMA;
  if (status > 0) status = aisopod_register(host, &inline_echo, reply);
  if (status > 0) status = aisopod_register(host, &logger, reply);
  return status;
}

static int32_t init(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  the_host = init->host;
  return AISOPOD_OK;
}

static int32_t shutdown(void *self, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  return AISOPOD_OK;
}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  static aisopod_plugin plugin;
  plugin.size = (uint32_t)sizeof plugin;
  plugin.flags = AISOPOD_PLUGIN_THREAD_SAFE;
  plugin.id = BENCH_ID;
  plugin.register_capabilities = register_capabilities;
  plugin.init = init;
  plugin.shutdown = shutdown;
  return &plugin;
}
