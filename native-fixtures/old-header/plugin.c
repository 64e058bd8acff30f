/* Its note and its request are those of header version 1, in which a request has no context. */
#include <aisopod/plugin.h>
#include <stddef.h>


#define REQUEST_1 ((uint32_t)offsetof(aisopod_request, context))

const aisopod_note aisopod_plugin_note = {
    (uint32_t)sizeof(aisopod_note),       AISOPOD_NOTE_MAGIC,
    AISOPOD_ABI_VERSION,                  1u,
    (uint32_t)sizeof(void *),             (uint32_t)sizeof(aisopod_plugin),
    (uint32_t)sizeof(aisopod_host),       (uint32_t)sizeof(aisopod_capability),
    REQUEST_1,                            (uint32_t)sizeof(aisopod_reply),
    (uint32_t)sizeof(aisopod_meta),       (uint32_t)sizeof(aisopod_init),
    (uint32_t)sizeof(aisopod_log),        (uint32_t)sizeof(aisopod_chunk),
    (uint32_t)sizeof(aisopod_completion), (uint32_t)sizeof(aisopod_call)};

uint32_t aisopod_plugin_abi_version(void) { return AISOPOD_ABI_VERSION; }

/* {"size": …, "status": …}: how large the host's request is, and whether a request of version 1 has a context. */
static int32_t sizes(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_request older = *request;
  char text[16];
  aisopod_json_writer writer = aisopod_reply_writer(reply);
  (void)data;
  older.size = REQUEST_1;
  aisopod_json_open_object(&writer);
  aisopod_json_put_key(&writer, "size");
  aisopod_json_put_uint(&writer, request->size);
  aisopod_json_put_key(&writer, "status");
  aisopod_json_put_int(&writer, aisopod_context_text(&older, "agentId", text, sizeof text));
  aisopod_json_close_object(&writer);
  return aisopod_reply_written(reply, &writer);
}

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  return aisopod_register_tool(host, "sizes", NULL, NULL, sizes, self, reply);
}

static const aisopod_plugin plugin = {(uint32_t)sizeof(aisopod_plugin), 0, NULL, FIXTURE_ID, NULL, register_capabilities, aisopod_no_init, aisopod_no_shutdown, NULL};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
