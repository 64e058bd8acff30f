/* create does not return in time: it takes 2 seconds, or AISOPOD_FIXTURE_HANG_MS. */
#include "stub.h"
#include "thread.h"

#include <stdlib.h>

AISOPOD_DEFINE_ABI();

static const aisopod_plugin plugin = STUB_PLUGIN(stub_register, stub_init, stub_shutdown);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  const char *ms = getenv("AISOPOD_FIXTURE_HANG_MS");
  sleep_ms(ms == NULL ? 2000 : (uint32_t)strtoul(ms, NULL, 10));
  return &plugin;
}
