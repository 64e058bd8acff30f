/* Registers a tool, hook, channel and provider with all that a spec can say. What they answer is in their input. */
#include "stub.h"
#include "thread.h"
#include "tools.h"

AISOPOD_DEFINE_ABI();

static const aisopod_host *host;

static int is_method(const aisopod_request *request, const char *method) { return strcmp(request->method, method) == 0; }

static int32_t unknown_method(aisopod_reply *reply) { return aisopod_fail(reply, AISOPOD_E_UNSUPPORTED, "unknown method"); }

/* Answers with `reply` of the input, after as many reports of progress as `steps` says. */
static int32_t measure(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const uint64_t steps = json_number(input_of(request), "steps", 0);
  const json answer = json_member(input_of(request), "reply");
  uint64_t step;
  (void)data;
  for (step = 1; step <= steps; step++) {
    while (!aisopod_has_room(request)) {
      if (aisopod_cancelled(request)) return aisopod_fail(reply, AISOPOD_E_CANCELLED, "cancelled");
      sleep_ms(1);
    }
    aisopod_report_progress(host, request->invocation, step, step == 1 ? 0 : steps, step == 2 ? NULL : "say \"\xc3\xbc\"\n");
  }
  return aisopod_reply_copy(reply, answer.at, answer.length);
}

/* {"long": true}: a message that must be cut, inside a character of two bytes. */
static int32_t picture(void *data, const aisopod_request *request, aisopod_reply *reply) {
  static const char ANSWER[] = "{\"content\":[{\"type\":\"text\",\"text\":\"a dot\"},"
                               "{\"type\":\"image\",\"data\":\"iVBORw0KGgo=\",\"mimeType\":\"image/png\"}],"
                               "\"structuredContent\":{\"dots\":1}}";
  const json answer = json_member(input_of(request), "reply");
  char message[500];
  size_t i;
  (void)data;
  message[0] = 'x';
  for (i = 1; i + 2 < sizeof message; i += 2) memcpy(message + i, "\xc3\xbc", 2);
  message[i] = '\0';
  if (json_member(input_of(request), "long").length > 0)
    aisopod_report_progress(host, request->invocation, UINT64_MAX, UINT64_MAX, message);
  if (answer.length > 0) return aisopod_reply_copy(reply, answer.at, answer.length);
  return aisopod_reply_json(reply, ANSWER);
}

/* A guard. `params.mode` says how it fails. */
static int32_t guard(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const json mode = json_text(json_member(json_member(input_of(request), "params"), "mode"));
  (void)data;
  if (!is_method(request, "handle")) return unknown_method(reply);
  if (json_equals(mode, "crash")) abort();
  if (json_equals(mode, "junk")) return aisopod_reply_json(reply, "{\"action\":\"maybe\"}");
  if (json_equals(mode, "hang")) {
    while (!aisopod_cancelled(request)) sleep_ms(1);
    return aisopod_fail(reply, AISOPOD_E_CANCELLED, "cancelled");
  }
  return aisopod_reply_json(reply, "{\"action\":\"continue\"}");
}

static int32_t letters(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  return is_method(request, "send") ? aisopod_reply_json(reply, "{\"id\":\"1\"}") : unknown_method(reply);
}

static int32_t quiet(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  if (is_method(request, "models")) return aisopod_reply_json(reply, "[{\"id\":\"quiet-1\"}]");
  if (is_method(request, "health")) return aisopod_reply_json(reply, "{\"status\":\"degraded\",\"message\":\"slow today\"}");
  return unknown_method(reply);
}

static int32_t register_capabilities(void *self, const aisopod_host *its_host, aisopod_reply *reply) {
  int32_t status = aisopod_register_tool(
      its_host, "measure", "Measures a file",
      "{\"title\":\"Measure\",\"parameters\":{\"type\":\"object\",\"required\":[\"reply\"]},"
      "\"annotations\":{\"readOnlyHint\":true,\"openWorldHint\":false},"
      "\"outputSchema\":{\"type\":\"object\",\"properties\":{\"bytes\":{\"type\":\"integer\"}},\"required\":[\"bytes\"]}}",
      measure, self, reply);
  if (status > 0)
    status = aisopod_register_tool(its_host, "picture", "Draws a dot",
                                   "{\"parameters\":{\"type\":\"object\"},\"result\":\"content\","
                                   "\"outputSchema\":{\"type\":\"object\",\"properties\":{\"dots\":{\"const\":1}},\"required\":[\"dots\"]}}",
                                   picture, self, reply);
  if (status > 0)
    status = aisopod_register_kind(its_host, AISOPOD_KIND_HOOK, "BeforeToolExecute", NULL,
                                   "{\"priority\":-5,\"match\":[\"file_*\",\"shell\"],\"failClosed\":true}", guard, self, reply);
  if (status > 0)
    status = aisopod_register_kind(its_host, AISOPOD_KIND_CHANNEL, "letters", "Sends letters",
                                   "{\"label\":\"Letters\",\"threads\":true,\"media\":[\"image\",\"document\"],\"edits\":false}",
                                   letters, self, reply);
  if (status > 0) status = aisopod_register_provider(its_host, "quiet", "Says nothing", quiet, self, reply);
  return status;
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  host = init->host;
  return AISOPOD_OK;
}

STUB_CREATE(register_capabilities, init_plugin, stub_shutdown);
