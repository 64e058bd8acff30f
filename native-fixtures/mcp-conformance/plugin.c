/* The tools that the scenarios of the official MCP conformance suite call. */
#include "stub.h"
#include "thread.h"
#include "tools.h"

AISOPOD_DEFINE_ABI();

/* A dot of one pixel, and a sound of no samples. */
#define PNG "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
#define WAV "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="

#define CONTENT(blocks) "{\"content\":[" blocks "]}"
#define TEXT_BLOCK(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define IMAGE "{\"type\":\"image\",\"data\":\"" PNG "\",\"mimeType\":\"image/png\"}"
#define AUDIO "{\"type\":\"audio\",\"data\":\"" WAV "\",\"mimeType\":\"audio/wav\"}"
#define RESOURCE(uri, mime, text) \
  "{\"type\":\"resource\",\"resource\":{\"uri\":\"" uri "\",\"mimeType\":\"" mime "\",\"text\":\"" text "\"}}"

#define CONTENT_SPEC "{\"parameters\":{\"type\":\"object\"},\"result\":\"content\"}"
#define SCHEMA_2020_12                                                                                                \
  "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\","                                \
  "\"$defs\":{\"address\":{\"$anchor\":\"addressDef\",\"type\":\"object\",\"properties\":{"                           \
  "\"street\":{\"type\":\"string\"},\"city\":{\"type\":\"string\"}}}},"                                               \
  "\"properties\":{\"name\":{\"type\":\"string\"},\"address\":{\"$ref\":\"#/$defs/address\"},"                        \
  "\"contactMethod\":{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},\"phone\":{\"type\":\"string\"},"           \
  "\"email\":{\"type\":\"string\"}},"                                                                                 \
  "\"allOf\":[{\"anyOf\":[{\"required\":[\"phone\"]},{\"required\":[\"email\"]}]}],"                                  \
  "\"if\":{\"properties\":{\"contactMethod\":{\"const\":\"phone\"}},\"required\":[\"contactMethod\"]},"               \
  "\"then\":{\"required\":[\"phone\"]},\"else\":{\"required\":[\"email\"]},\"additionalProperties\":false}"

#define BETWEEN_STEPS_MS 50

static const aisopod_host *host;

/* A tool that answers `answer`. */
typedef struct fixed {
  const char *name;
  const char *spec;
  const char *answer;
} fixed;

static const fixed FIXED_ANSWERS[] = {
    {"test_simple_text", CONTENT_SPEC, CONTENT(TEXT_BLOCK("This is a simple text response for testing."))},
    {"test_image_content", CONTENT_SPEC, CONTENT(IMAGE)},
    {"test_audio_content", CONTENT_SPEC, CONTENT(AUDIO)},
    {"test_embedded_resource", CONTENT_SPEC,
     CONTENT(RESOURCE("test://embedded-resource", "text/plain", "This is an embedded resource content."))},
    {"test_multiple_content_types", CONTENT_SPEC,
     CONTENT(TEXT_BLOCK("Multiple content types test:") "," IMAGE "," RESOURCE(
         "test://mixed-content-resource", "application/json", "{\\\"test\\\":\\\"data\\\",\\\"value\\\":123}"))},
    {"json_schema_2020_12_tool", SCHEMA_2020_12, "{}"},
};

static int32_t answer_fixed(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)request;
  return aisopod_reply_json(reply, ((const fixed *)data)->answer);
}

static int32_t fail(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_fail(reply, AISOPOD_E_FAILED, "This tool intentionally returns an error for testing");
}

static int32_t stream(void *data, const aisopod_request *request, aisopod_reply *reply) {
  static const char *const LINES[] = {"\"Tool execution started\"", "\"Tool processing data\"", "\"Tool execution completed\""};
  size_t i;
  (void)data;
  for (i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
    if (i > 0) sleep_ms(BETWEEN_STEPS_MS);
    aisopod_emit(host, request->invocation, AISOPOD_TAG_NONE, LINES[i], strlen(LINES[i]));
  }
  return aisopod_reply_json(reply, "\"logged\"");
}

static int32_t report(void *data, const aisopod_request *request, aisopod_reply *reply) {
  uint64_t progress;
  (void)data;
  for (progress = 0; progress <= 100; progress += 50) {
    if (progress > 0) sleep_ms(BETWEEN_STEPS_MS);
    aisopod_report_progress(host, request->invocation, progress, 100, NULL);
  }
  return aisopod_reply_json(reply, "\"done\"");
}

static const tool TOOLS[] = {
    {"test_error_handling", 0, fail, NULL}, {"test_tool_with_logging", 0, stream, NULL}, {"test_tool_with_progress", 0, report, NULL}};

static int32_t register_capabilities(void *self, const aisopod_host *given, aisopod_reply *reply) {
  int32_t status;
  size_t i;
  (void)self;
  host = given;
  status = register_tools(given, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
  for (i = 0; status > 0 && i < sizeof FIXED_ANSWERS / sizeof FIXED_ANSWERS[0]; i++) {
    aisopod_capability capability = aisopod_capability_of(AISOPOD_KIND_TOOL, FIXED_ANSWERS[i].name, answer_fixed);
    capability.description = "A tool of the conformance suite";
    capability.spec = FIXED_ANSWERS[i].spec;
    capability.data = (void *)&FIXED_ANSWERS[i];
    status = aisopod_register(given, &capability, reply);
  }
  return status;
}

static int32_t init(void *self, const aisopod_init *given, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  host = given->host;
  return AISOPOD_OK;
}

static const aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, init, stub_shutdown);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
