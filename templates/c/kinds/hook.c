/* {{title}}: a handler of the hook {{capability}}. */
#include <aisopod/plugin.h>
#include <string.h>

AISOPOD_DEFINE_ABI();

/* Only for the tool `shell`. If this handler fails, that counts as a veto. */
static const char SPEC[] = "{\"match\": [\"shell\"], \"failClosed\": true}";

/* {"tool": "shell", "params": {"command": "…"}, …} -> continue, or a veto */
static int32_t handle(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_json input = aisopod_json_parse(request->input, request->input_length);
  aisopod_json command = aisopod_json_member(aisopod_json_member(input, "params"), "command");
  (void)data;
  for (size_t i = 0; i + 6 <= command.length; i++)
    if (memcmp(command.at + i, "rm -rf", 6) == 0)
      return aisopod_reply_json(reply, "{\"action\":\"veto\",\"reason\":\"the command deletes whole folders\"}");
  return aisopod_reply_json(reply, "{\"action\":\"continue\"}");
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  return aisopod_register_kind(host, AISOPOD_KIND_HOOK, "{{capability}}", NULL, SPEC, handle, self, reply);
}

static const aisopod_plugin plugin = {
    .size = sizeof plugin,
    .id = "{{id}}",
    .register_capabilities = register_capabilities,
    .init = aisopod_no_init,
    .shutdown = aisopod_no_shutdown,
};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
