/* Answers that break the contract (rules 5, 6, 20). */
#include "mistakes.h"

static int32_t return_zero(void *data, const aisopod_request *request, aisopod_reply *reply) {
  answer_null(data, request, reply);
  return 0;
}

const mistake no_status = {.invoke = return_zero};

static int32_t lie_about_length(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  reply->length = reply->capacity + 1;
  return AISOPOD_OK;
}

const mistake length_beyond_buffer = {.invoke = lie_about_length};

static int32_t answer_text(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "done");
}

const mistake answer_not_json = {.invoke = answer_text};

static int32_t fail_silently(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  (void)reply;
  return AISOPOD_E_FAILED;
}

const mistake no_message = {.invoke = fail_silently};

static int32_t answer_done(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "{\"done\":true}");
}

static int32_t register_command(void *self, const aisopod_host *with, aisopod_reply *reply) {
  return aisopod_register_command(with, "mistake", NULL, NULL, answer_done, self, reply);
}

/* A command without an exit code. */
const mistake wrong_kind_of_answer = {.register_capabilities = register_command};

static int32_t answer_any(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  return aisopod_reply_json(reply, strcmp(request->method, "models") == 0 ? "[]" : "{\"status\":\"ok\"}");
}

static int32_t register_provider(void *self, const aisopod_host *with, aisopod_reply *reply) {
  return aisopod_register_provider(with, "mistake", NULL, answer_any, self, reply);
}

const mistake any_method = {.register_capabilities = register_provider};

static char shared[200000];

static void release_nothing(void *argument, const void *owned) {
  (void)argument;
  (void)owned;
}

static int32_t answer_shared(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  if (request->input_length > sizeof shared) return aisopod_fail(reply, AISOPOD_E_TOO_LARGE, "more than fits");
  memcpy(shared, request->input, request->input_length);
  return aisopod_reply_owned(reply, shared, request->input_length, release_nothing, NULL);
}

const mistake owned_shared = {.invoke = answer_shared, .plugin_flags = AISOPOD_PLUGIN_THREAD_SAFE};

static void release_slowly(void *argument, const void *owned) {
  (void)argument;
  (void)owned;
  sleep_ms(2000);
}

static int32_t answer_with_slow_release(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_owned(reply, "null", 4, release_slowly, NULL);
}

const mistake slow_release = {.invoke = answer_with_slow_release};

static int32_t answer_at_once(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "{}");
}

static int32_t register_channel(void *self, const aisopod_host *with, aisopod_reply *reply) {
  return aisopod_register_channel(with, "mistake", NULL, answer_at_once, self, reply);
}

const mistake channel_ends = {.register_capabilities = register_channel};

static int32_t register_with_output(void *self, const aisopod_host *with, aisopod_reply *reply) {
  return aisopod_register_tool(with, "mistake", "Measures", "{\"parameters\":{\"type\":\"object\"},\"outputSchema\":{\"type\":\"object\",\"required\":[\"bytes\"]}}",
                               answer_done, self, reply);
}

const mistake output_misfit = {.register_capabilities = register_with_output};
