/* Does not export aisopod_plugin_create. */
#include "stub.h"

AISOPOD_DEFINE_ABI();
