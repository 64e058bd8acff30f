/* The id has a mebibyte before its NUL, far over every limit. */
#include "stub.h"

#include <string.h>

#define LENGTH 1048576u

AISOPOD_DEFINE_ABI();

static char id[LENGTH + 1];
static aisopod_plugin plugin = STUB_PLUGIN(stub_register, stub_init, stub_shutdown);

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  memset(id, 'a', LENGTH);
  plugin.id = id;
  return &plugin;
}
