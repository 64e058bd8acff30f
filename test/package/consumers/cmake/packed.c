#include <aisopod/plugin.h>

AISOPOD_DEFINE_ABI();

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self, (void)host, (void)reply;
  return AISOPOD_OK;
}

static int32_t init(void *self, const aisopod_init *with, aisopod_reply *reply) {
  (void)self, (void)with, (void)reply;
  return AISOPOD_OK;
}

static int32_t shutdown(void *self, aisopod_reply *reply) {
  (void)self, (void)reply;
  return AISOPOD_OK;
}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  static const aisopod_plugin plugin = {
      .size = sizeof(aisopod_plugin),
      .id = "packed",
      .register_capabilities = register_capabilities,
      .init = init,
      .shutdown = shutdown,
  };
  return &plugin;
}
