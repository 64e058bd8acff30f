/* Trusts its input (rule 5), or its host (rules 17 to 19). */
#include "mistakes.h"

static volatile char seen; /* so that no compiler drops a read */

static int32_t read_first(void *data, const aisopod_request *request, aisopod_reply *reply) {
  seen = *(const char *)request->input;
  return answer_null(data, request, reply);
}

const mistake empty_input_read = {.invoke = read_first};

static int32_t overwrite_input(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char *input = (char *)(uintptr_t)request->input;
  if (request->input_length > 0) input[request->input_length - 1] = '\0'; /* as a parser that works in place */
  return answer_null(data, request, reply);
}

const mistake input_overwritten = {.invoke = overwrite_input};

/* Counts nested lists and objects, with 256 bytes of stack for each. */
static size_t depth_of(const char *text, size_t length) {
  volatile char room[256];
  room[0] = 0;
  if (length == 0 || (text[0] != '[' && text[0] != '{')) return (size_t)room[0];
  if (text[0] == '{') {
    while (length > 0 && text[0] != ':') {
      text++;
      length--;
    }
    if (length == 0) return 0;
  }
  return 1 + depth_of(text + 1, length - 1) + (size_t)room[0];
}

static int32_t measure_depth(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  return answer_number(reply, "depth", (int64_t)depth_of((const char *)request->input, request->input_length));
}

const mistake recursive_parser = {.invoke = measure_depth};

static int32_t copy_to_stack(void *data, const aisopod_request *request, aisopod_reply *reply) {
  volatile char copy[8192];
  size_t i;
  for (i = 0; i < request->input_length; i++) copy[i] = ((const char *)request->input)[i];
  seen = copy[0];
  return answer_null(data, request, reply);
}

const mistake input_copied_to_stack = {.invoke = copy_to_stack};

/* Ends the process for input that it does not expect: `expected` is the first byte of the text. */
static int32_t require_text(const aisopod_request *request) {
  const json text = json_member(input_of(request), "text");
  return text.length > 0 && text.at[0] == '"';
}

static int32_t insist_on_text(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const char *input = (const char *)request->input;
  const int is_object = request->input_length > 1 && input[0] == '{' && input[request->input_length - 1] == '}';
  if (is_object && !require_text(request)) abort();
  return answer_null(data, request, reply);
}

const mistake type_not_checked = {.invoke = insist_on_text};

static int32_t insist_on_object(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const char *input = (const char *)request->input;
  if (request->input_length > 0 && (input[0] != '{' || input[request->input_length - 1] != '}')) abort();
  return answer_null(data, request, reply);
}

const mistake syntax_not_checked = {.invoke = insist_on_object};

static int32_t insist_on_format(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (request->format != AISOPOD_FORMAT_JSON) abort();
  return answer_null(data, request, reply);
}

const mistake format_not_expected = {.invoke = insist_on_format};

static int32_t emit_until_accepted(void *data, const aisopod_request *request, aisopod_reply *reply) {
  while (aisopod_emit(host, request->invocation, AISOPOD_TAG_NONE, "{}", 2) < 0) sleep_ms(1);
  return answer_null(data, request, reply);
}

const mistake emits_until_accepted = {.invoke = emit_until_accepted};

static int32_t log_or_abort(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (aisopod_log_text(host, AISOPOD_LOG_INFO, "called") < 0) abort();
  return answer_null(data, request, reply);
}

const mistake aborts_if_log_fails = {.invoke = log_or_abort};

static void complete_or_abort(void *memory) {
  aisopod_ticket ticket = *(aisopod_ticket *)memory;
  free(memory);
  if (aisopod_complete(ticket.host, ticket.invocation, AISOPOD_OK, "null", 4) < 0) abort();
}

static int32_t complete_later(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_ticket *ticket = (aisopod_ticket *)malloc(sizeof *ticket);
  (void)data;
  if (ticket == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  *ticket = aisopod_ticket_of(host, request);
  if (run_aside(complete_or_abort, ticket)) return AISOPOD_PENDING;
  free(ticket);
  return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread to be had");
}

const mistake aborts_if_complete_fails = {.invoke = complete_later};

static int32_t ignore_cancel(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const uint64_t end = now_ms() + 20000;
  while (now_ms() < end) sleep_ms(10);
  return answer_null(data, request, reply);
}

const mistake cancel_ignored = {.invoke = ignore_cancel};

static volatile int is_cancelled;

static void remember_cancel(void *data, uint64_t invocation) {
  (void)data;
  (void)invocation;
  is_cancelled = 1;
}

static int32_t stay_cancelled(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (is_cancelled || aisopod_cancelled(request)) return aisopod_fail(reply, AISOPOD_E_CANCELLED, "cancelled");
  return answer_null(data, request, reply);
}

const mistake stays_cancelled = {.invoke = stay_cancelled, .cancel = remember_cancel};
