/* Answers twice, or sends chunks too late (rules 15, 16, 18). */
#include "mistakes.h"

static int32_t complete_twice(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  aisopod_complete(host, request->invocation, AISOPOD_OK, "1", 1);
  aisopod_complete(host, request->invocation, AISOPOD_OK, "2", 1);
  return AISOPOD_PENDING;
}

const mistake completed_twice = {.invoke = complete_twice};

static int32_t complete_and_return(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_complete(host, request->invocation, AISOPOD_OK, "1", 1);
  return answer_null(data, request, reply);
}

const mistake completed_and_returned = {.invoke = complete_and_return};

static int32_t emit_late(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  aisopod_complete(host, request->invocation, AISOPOD_OK, "1", 1);
  aisopod_emit(host, request->invocation, AISOPOD_TAG_NONE, "{}", 2);
  return AISOPOD_PENDING;
}

const mistake emitted_after_complete = {.invoke = emit_late};

static int32_t never_complete(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  (void)reply;
  return AISOPOD_PENDING;
}

const mistake never_completed = {.invoke = never_complete};
