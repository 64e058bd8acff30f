/* An honest plugin with one tool, but for the mistake that CMake names in FIXTURE_MISTAKE. */
#include "mistakes.h"

AISOPOD_DEFINE_ABI();

extern const mistake FIXTURE_MISTAKE;

int32_t register_mistake(const aisopod_host *with, uint32_t size, aisopod_reply *reply) {
  struct {
    aisopod_capability capability;
    uint64_t behind[4]; /* for a `size` that is too large */
  } tool;
  memset(&tool, 0, sizeof tool);
  tool.capability = aisopod_capability_of(AISOPOD_KIND_TOOL, "mistake", FIXTURE_MISTAKE.invoke == NULL ? answer_null : FIXTURE_MISTAKE.invoke);
  tool.capability.size = size;
  tool.capability.flags = FIXTURE_MISTAKE.capability_flags;
  tool.capability.description = "Makes a mistake";
  tool.capability.spec = "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"]}";
  tool.capability.cancel = FIXTURE_MISTAKE.cancel;
  return aisopod_register(with, &tool.capability, reply);
}

static int32_t register_capabilities(void *self, const aisopod_host *with, aisopod_reply *reply) {
  if (FIXTURE_MISTAKE.register_capabilities != NULL) return FIXTURE_MISTAKE.register_capabilities(self, with, reply);
  return register_mistake(with, (uint32_t)sizeof(aisopod_capability), reply);
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  host = init->host;
  return FIXTURE_MISTAKE.init == NULL ? AISOPOD_OK : FIXTURE_MISTAKE.init(self, init, reply);
}

static int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  if (FIXTURE_MISTAKE.shutdown != NULL) return FIXTURE_MISTAKE.shutdown(self, reply);
  join_all();
  return AISOPOD_OK;
}

static const void *get_extension(void *self, const char *id) {
  return FIXTURE_MISTAKE.get_extension == NULL ? NULL : FIXTURE_MISTAKE.get_extension(self, id);
}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  static struct {
    aisopod_plugin plugin;
    uint64_t behind[4];
  } made;
  made.plugin.size = FIXTURE_MISTAKE.plugin_size == 0 ? (uint32_t)sizeof made.plugin : FIXTURE_MISTAKE.plugin_size;
  made.plugin.flags = FIXTURE_MISTAKE.plugin_flags;
  made.plugin.id = FIXTURE_ID;
  made.plugin.register_capabilities = register_capabilities;
  made.plugin.init = init_plugin;
  made.plugin.shutdown = shutdown_plugin;
  made.plugin.get_extension = get_extension;
  return &made.plugin;
}
