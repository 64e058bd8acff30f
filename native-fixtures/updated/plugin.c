/* A plugin with two releases, each built separately. The second has one more tool. */
#include "stub.h"
#include "tools.h"

#include <stdlib.h>

AISOPOD_DEFINE_ABI();

static const aisopod_host *host;
static int64_t calls;

/* {"version": n} */
static int32_t version(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return answer_number(reply, "version", FIXTURE_RELEASE);
}

/* Emits a chunk, logs a line, and counts its calls in a global variable. */
static int32_t count(void *data, const aisopod_request *request, aisopod_reply *reply) {
  int32_t status = aisopod_emit(host, request->invocation, AISOPOD_TAG_NONE, "[]", 2);
  (void)data;
  if (status > 0) status = aisopod_log_text(host, AISOPOD_LOG_INFO, "counting");
  if (status <= 0) return answer_number(reply, "status", status);
  return answer_number(reply, "calls", ++calls);
}

static int32_t crash(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  (void)reply;
  abort();
}

static const tool tools[] = {
  {"version", 0, version, NULL},
  {"count", 0, count, NULL},
  {"crash", 0, crash, NULL},
  {"added", 0, version, NULL},
};

static int32_t register_capabilities(void *self, const aisopod_host *its_host, aisopod_reply *reply) {
  host = its_host;
  return register_tools(its_host, tools, FIXTURE_RELEASE > 1 ? 4 : 3, self, reply);
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
