/* get_extension does not return in time. */
#include "stub.h"
#include "thread.h"

AISOPOD_DEFINE_ABI();

static const void *get_extension(void *self, const char *id) {
  (void)self;
  (void)id;
  sleep_ms(2000);
  return NULL;
}

static const aisopod_plugin plugin = {(uint32_t)sizeof(aisopod_plugin), 0, NULL, FIXTURE_ID, NULL,
                                      stub_register, stub_init, stub_shutdown, get_extension};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
