/* create does not return in time. */
#include "stub.h"
#include "thread.h"

AISOPOD_DEFINE_ABI();

static const aisopod_plugin plugin = STUB_PLUGIN(stub_register, stub_init, stub_shutdown);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  sleep_ms(2000);
  return &plugin;
}
