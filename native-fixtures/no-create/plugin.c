/* aisopod_plugin_create is not there. */
#include "stub.h"

AISOPOD_DEFINE_ABI();
