/* create does not return in time. */
#include "hang.h"
#include "stub.h"

AISOPOD_DEFINE_ABI();

static const aisopod_plugin plugin = STUB_PLUGIN(stub_register, stub_init, stub_shutdown);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  hang();
  return &plugin;
}
