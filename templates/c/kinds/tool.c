/* {{title}}: the tool {{capability}}. */
#include <aisopod/plugin.h>
#include <stdlib.h>

AISOPOD_DEFINE_ABI();

static const char PARAMETERS[] =
    "{"
    "  \"type\": \"object\","
    "  \"properties\": {"
    "    \"name\": {\"type\": \"string\", \"maxLength\": 100, \"description\": \"who is greeted\"},"
    "    \"times\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 10, \"default\": 1, \"description\": \"how often\"}"
    "  },"
    "  \"required\": [\"name\"],"
    "  \"additionalProperties\": false"
    "}";

/* The host has checked the parameters against the schema. A text of 100 characters has at most 400 bytes. */
static int32_t greet(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json parameters = aisopod_json_parse(request->input, request->input_length);
  aisopod_json times = aisopod_json_member(parameters, "times");
  aisopod_json_writer text = aisopod_json_growing(realloc);
  aisopod_json_writer answer = aisopod_json_growing(realloc);
  char name[400];
  size_t length = 0;
  int64_t count = 1;
  int32_t status;
  (void)data;
  if (!aisopod_json_decode(aisopod_json_member(parameters, "name"), name, sizeof name, &length))
    return aisopod_fail(reply, AISOPOD_E_INVALID, "name must be a text of at most 100 characters");
  if (times.length > 0 && !aisopod_json_int(times, &count)) return aisopod_fail(reply, AISOPOD_E_INVALID, "times must be an integer");

  for (int64_t i = 0; i < count; i++) {
    aisopod_json_append(&text, i == 0 ? "Hello, " : " Hello, ", i == 0 ? 7 : 8);
    aisopod_json_append(&text, name, length);
    aisopod_json_append(&text, "!", 1);
  }
  aisopod_json_open_object(&answer);
  aisopod_json_put_key(&answer, "greeting");
  aisopod_json_put_text_of(&answer, text.to, text.length);
  aisopod_json_close_object(&answer);
  if (aisopod_json_fits(&text) && aisopod_json_fits(&answer)) status = aisopod_reply_any(reply, answer.to, answer.length, malloc, free);
  else status = aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  free(text.to);
  free(answer.to);
  return status;
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  return aisopod_register_tool(host, "{{capability}}", "Greets someone", PARAMETERS, greet, self, reply);
}

static const aisopod_plugin plugin = {
    .size = sizeof plugin,
    .id = "{{id}}",
    .register_capabilities = register_capabilities,
    .init = aisopod_no_init,
    .shutdown = aisopod_no_shutdown,
};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
