/* Sends completions and chunks at the wrong time (rules 15, 16). The tool `statuses` returns the host's statuses for the
 * tools that cannot reply with them. */
#include "breaker.h"

#define NEVER_GIVEN 123456789u

static struct {
  int32_t complete_twice;
  int32_t complete_before_pending;
  int32_t complete_and_return;
  int32_t emit_after_complete;
  int32_t broken_completion;
} seen;

static uint64_t earlier_invocation;

static int32_t complete(uint64_t invocation, const char *answer) {
  return aisopod_complete(host, invocation, AISOPOD_OK, answer, strlen(answer));
}

static int32_t complete_twice(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  complete(request->invocation, "{\"answer\":1}");
  seen.complete_twice = complete(request->invocation, "{\"answer\":2}");
  return AISOPOD_PENDING;
}

/* Allowed; the host keeps the completion until invoke has returned. */
static int32_t complete_before_pending(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  seen.complete_before_pending = complete(request->invocation, "{\"answer\":1}");
  return AISOPOD_PENDING;
}

static int32_t complete_and_return(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  seen.complete_and_return = complete(request->invocation, "{\"from\":\"complete\"}");
  return aisopod_reply_json(reply, "{\"from\":\"return\"}");
}

static int32_t complete_unknown(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return answer_number(reply, "status", complete(NEVER_GIVEN, "{}"));
}

static int32_t emit_after_complete(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  complete(request->invocation, "{\"answer\":1}");
  seen.emit_after_complete = aisopod_emit(host, request->invocation, AISOPOD_TAG_NONE, "{}", 2);
  return AISOPOD_PENDING;
}

/* Emits a chunk to the previous invocation of this tool; to 0 at the first call. */
static int32_t emit_to_stale(void *data, const aisopod_request *request, aisopod_reply *reply) {
  int32_t status = 0;
  (void)data;
  if (earlier_invocation != 0) status = aisopod_emit(host, earlier_invocation, AISOPOD_TAG_NONE, "{}", 2);
  earlier_invocation = request->invocation;
  return answer_number(reply, "status", status);
}

static int32_t complete_broken(uint64_t invocation, int32_t status, const void *data, size_t length) {
  seen.broken_completion = aisopod_complete(host, invocation, status, data, length);
  return AISOPOD_PENDING;
}

static int32_t complete_without_status(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  return complete_broken(request->invocation, 0, "{}", 2);
}

static int32_t complete_unknown_status(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  return complete_broken(request->invocation, -12345, "a status of its own", 19);
}

static int32_t complete_pending(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  return complete_broken(request->invocation, AISOPOD_PENDING, NULL, 0);
}

static int32_t complete_null(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  return complete_broken(request->invocation, AISOPOD_OK, NULL, 20);
}

static int32_t statuses(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char text[256];
  (void)data;
  (void)request;
  snprintf(text, sizeof text,
           "{\"complete_twice\":%d,\"complete_before_pending\":%d,\"complete_and_return\":%d,\"emit_after_complete\":%d,"
           "\"broken_completion\":%d}",
           seen.complete_twice, seen.complete_before_pending, seen.complete_and_return, seen.emit_after_complete,
           seen.broken_completion);
  return aisopod_reply_json(reply, text);
}

static const tool TOOLS[] = {
    {"complete_twice", 0, complete_twice, NULL},
    {"complete_before_pending", 0, complete_before_pending, NULL},
    {"complete_and_return", 0, complete_and_return, NULL},
    {"complete_unknown", 0, complete_unknown, NULL},
    {"emit_after_complete", 0, emit_after_complete, NULL},
    {"emit_to_stale", 0, emit_to_stale, NULL},
    {"complete_without_status", 0, complete_without_status, NULL},
    {"complete_unknown_status", 0, complete_unknown_status, NULL},
    {"complete_pending", 0, complete_pending, NULL},
    {"complete_null", 0, complete_null, NULL},
    {"statuses", 0, statuses, NULL},
};

int32_t completions_register(const aisopod_host *with, aisopod_reply *reply) {
  return register_tools(with, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}
