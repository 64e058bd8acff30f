/* create returns NULL. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return NULL; }
