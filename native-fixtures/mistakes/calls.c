/* Wrong arguments for host functions (rules 5, 6, 12, 20). */
#include "mistakes.h"

static int32_t log_badly(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_log_text(host, 99, "an unknown level");
  return answer_null(data, request, reply);
}

const mistake unknown_log_level = {.invoke = log_badly};

static int32_t log_much(void *data, const aisopod_request *request, aisopod_reply *reply) {
  int line;
  for (line = 0; line < 1500; line++) aisopod_log_text(host, AISOPOD_LOG_DEBUG, "working");
  return answer_null(data, request, reply);
}

const mistake log_flooded = {.invoke = log_much};

static int32_t emit_text(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_emit(host, request->invocation, AISOPOD_TAG_NONE, "half", 4);
  return answer_null(data, request, reply);
}

const mistake chunk_not_json = {.invoke = emit_text};

static int32_t emit_small(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_chunk chunk;
  memset(&chunk, 0, sizeof chunk); /* and no size */
  chunk.format = AISOPOD_FORMAT_JSON;
  chunk.invocation = request->invocation;
  chunk.data = "{}";
  chunk.length = 2;
  host->emit(host->context, &chunk);
  return answer_null(data, request, reply);
}

const mistake size_forgotten = {.invoke = emit_small};

static int32_t complete_without_status(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)reply;
  aisopod_complete(host, request->invocation, 0, "null", 4);
  return AISOPOD_PENDING;
}

const mistake completed_without_status = {.invoke = complete_without_status};

static int32_t complete_unknown(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_complete(host, 7, AISOPOD_OK, "null", 4);
  return answer_null(data, request, reply);
}

const mistake unknown_invocation = {.invoke = complete_unknown};

static int32_t call_without_reply(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_call call = call_of(request, "approve", NULL);
  host->call(host->context, &call);
  return answer_null(data, request, reply);
}

const mistake call_without_on_reply = {.invoke = call_without_reply};

static volatile char seen; /* so that no compiler drops a read */
static const char *answer_at;

static void keep_answer(void *user, const aisopod_completion *answer) {
  (void)user;
  answer_at = answer->length > 0 ? (const char *)answer->data : NULL;
}

static void read_answer(void *unused) {
  (void)unused;
  sleep_ms(300);
  if (answer_at != NULL) seen = *answer_at;
}

static int32_t call_and_keep(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_call call = call_of(request, "approve", keep_answer);
  host->call(host->context, &call);
  run_aside(read_answer, NULL);
  return answer_null(data, request, reply);
}

const mistake answer_kept = {.invoke = call_and_keep};

static void expect_success(void *user, const aisopod_completion *answer) {
  (void)user;
  if (answer->status < 0) abort();
}

static int32_t call_and_trust(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_call call = call_of(request, "approve", expect_success);
  if (host->call(host->context, &call) < 0) return aisopod_fail(reply, AISOPOD_E_FAILED, "refused");
  return answer_null(data, request, reply);
}

const mistake failed_call_not_expected = {.invoke = call_and_trust};

static int is_waiting;

static void expect_waiting(void *user, const aisopod_completion *answer) {
  (void)user;
  (void)answer;
  if (!is_waiting) abort();
}

static int32_t call_then_wait(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_call call = call_of(request, "approve", expect_waiting);
  int32_t status;
  is_waiting = 0;
  status = host->call(host->context, &call);
  is_waiting = 1;
  return status < 0 ? aisopod_fail(reply, status, "refused") : answer_null(data, request, reply);
}

const mistake early_reply_not_expected = {.invoke = call_then_wait};
