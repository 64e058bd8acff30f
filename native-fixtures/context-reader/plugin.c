/* Every method answers with the context that came with it, or null. */
#include "tools.h"
#include <aisopod/plugin.h>
#include <stdlib.h>
#include <string.h>

AISOPOD_DEFINE_ABI();

static const aisopod_host *host;
static aisopod_ticket channel; /* of `start` */

static int is_method(const aisopod_request *request, const char *method) { return strcmp(request->method, method) == 0; }

static aisopod_json parameter(const aisopod_request *request, const char *key) {
  return aisopod_json_member(aisopod_json_parse(request->input, request->input_length), key);
}

static void put_context(aisopod_json_writer *writer, const aisopod_request *request) {
  aisopod_json context = aisopod_context(request);
  aisopod_json_put_key(writer, "context");
  if (context.length == 0) aisopod_json_put_null(writer);
  else aisopod_json_put_json(writer, context.at, context.length);
}

/* {"context": …, "isTerminated": …}, of any size. */
static aisopod_json_writer report(const aisopod_request *request) {
  aisopod_json_writer writer = aisopod_json_growing(realloc);
  aisopod_json_open_object(&writer);
  put_context(&writer, request);
  aisopod_json_put_key(&writer, "isTerminated");
  aisopod_json_put_bool(&writer, request->context == NULL || request->context[request->context_length] == '\0');
  aisopod_json_close_object(&writer);
  return writer;
}

static int32_t answer(const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json_writer writer = report(request);
  int32_t status = aisopod_reply_any(reply, writer.to, writer.length, malloc, free);
  free(writer.to);
  return status;
}

static int32_t context(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  return answer(request, reply);
}

static int32_t context_later(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json_writer writer = report(request);
  (void)data;
  (void)reply;
  aisopod_complete(host, request->invocation, AISOPOD_OK, writer.to, writer.length);
  free(writer.to);
  return AISOPOD_PENDING;
}

/* {"name": …, "capacity": …} -> {"status": …, "text": …}, as aisopod_context_text says. */
static int32_t key(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char name[64];
  char text[128] = "not written";
  int64_t capacity = sizeof text;
  aisopod_json_writer writer = aisopod_reply_writer(reply);
  (void)data;
  aisopod_json_text(parameter(request, "name"), name, sizeof name);
  (void)aisopod_json_int(parameter(request, "capacity"), &capacity);
  if (capacity < 1 || capacity > (int64_t)sizeof text) capacity = sizeof text;
  aisopod_json_open_object(&writer);
  aisopod_json_put_key(&writer, "status");
  aisopod_json_put_int(&writer, aisopod_context_text(request, name, text, (size_t)capacity));
  aisopod_json_put_key(&writer, "text");
  aisopod_json_put_text(&writer, text);
  aisopod_json_close_object(&writer);
  return aisopod_reply_written(reply, &writer);
}

typedef struct question {
  uint64_t invocation;
} question;

static void pass_on(void *user, const aisopod_completion *completion) {
  question *asked = (question *)user;
  aisopod_complete(host, asked->invocation, completion->status, completion->data, completion->length);
  free(asked);
}

/* {"tool": …, "parent": number} -> what the tool answers. Without a parent: on behalf of this invocation. */
static int32_t ask(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char name[AISOPOD_MAX_NAME + 1];
  int64_t parent = (int64_t)request->invocation;
  question *asked = (question *)malloc(sizeof *asked);
  aisopod_call call;
  int32_t status;
  (void)data;
  if (asked == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  asked->invocation = request->invocation;
  aisopod_json_text(parameter(request, "tool"), name, sizeof name);
  if (parameter(request, "parent").length > 0) (void)aisopod_json_int(parameter(request, "parent"), &parent);
  call = call_of(request, name, pass_on);
  call.parent = (uint64_t)parent;
  call.user = asked;
  status = host->call(host->context, &call);
  if (status == AISOPOD_PENDING) return AISOPOD_PENDING;
  free(asked);
  return aisopod_fail(reply, status, "the host refused the call");
}

static int32_t command(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json given = aisopod_context(request);
  (void)data;
  aisopod_emit_as(host, request->invocation, AISOPOD_FORMAT_BYTES, AISOPOD_TAG_STDOUT, given.at, given.length);
  return aisopod_reply_json(reply, "{\"exitCode\":0}");
}

static int32_t hook(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json_writer writer = aisopod_reply_writer(reply);
  (void)data;
  aisopod_json_open_object(&writer);
  aisopod_json_put_key(&writer, "action");
  aisopod_json_put_text(&writer, "replace");
  aisopod_json_put_key(&writer, "value");
  aisopod_json_open_object(&writer);
  put_context(&writer, request);
  aisopod_json_close_object(&writer);
  aisopod_json_close_object(&writer);
  return aisopod_reply_written(reply, &writer);
}

/* `start` sends its context as a message; the first `send` answers with its own, and ends the channel. */
static int32_t channel_call(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json_writer writer;
  (void)data;
  if (!is_method(request, "start")) {
    aisopod_complete(host, channel.invocation, AISOPOD_OK, "null", 4);
    return answer(request, reply);
  }
  channel = aisopod_ticket_of(host, request);
  writer = report(request);
  aisopod_emit(host, request->invocation, AISOPOD_TAG_MESSAGE, writer.to, writer.length);
  free(writer.to);
  return AISOPOD_PENDING;
}

static int32_t provider(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json_writer writer = aisopod_reply_writer(reply);
  (void)data;
  if (is_method(request, "chat")) return answer(request, reply);
  aisopod_json_open_array(&writer);
  aisopod_json_open_object(&writer);
  aisopod_json_put_key(&writer, "id");
  aisopod_json_put_text(&writer, "model");
  put_context(&writer, request);
  aisopod_json_close_object(&writer);
  aisopod_json_close_array(&writer);
  return aisopod_reply_written(reply, &writer);
}

static int32_t register_capabilities(void *self, const aisopod_host *its_host, aisopod_reply *reply) {
  aisopod_capability fast = aisopod_capability_of(AISOPOD_KIND_TOOL, "context_inline", context);
  int32_t status;
  fast.flags = AISOPOD_CAPABILITY_INLINE;
  status = aisopod_register(its_host, &fast, reply);
  if (status > 0) status = aisopod_register_tool(its_host, "context", NULL, NULL, context, self, reply);
  if (status > 0) status = aisopod_register_tool(its_host, "context_later", NULL, NULL, context_later, self, reply);
  if (status > 0) status = aisopod_register_tool(its_host, "ask", NULL, NULL, ask, self, reply);
  if (status > 0) status = aisopod_register_tool(its_host, "key", NULL, NULL, key, self, reply);
  if (status > 0) status = aisopod_register_command(its_host, "context", NULL, NULL, command, self, reply);
  if (status > 0) status = aisopod_register_hook(its_host, "BeforeToolExecute", hook, self, reply);
  if (status > 0) status = aisopod_register_channel(its_host, "context", NULL, channel_call, self, reply);
  if (status > 0) status = aisopod_register_provider(its_host, "context", NULL, provider, self, reply);
  return status;
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  host = init->host;
  return AISOPOD_OK;
}

static const aisopod_plugin plugin = {
    (uint32_t)sizeof(aisopod_plugin), 0, NULL, FIXTURE_ID, NULL, register_capabilities, init_plugin, aisopod_no_shutdown, NULL};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
