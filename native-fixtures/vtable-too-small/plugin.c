/* Its size ends before the required member shutdown. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

static const aisopod_plugin plugin = {
    (uint32_t)offsetof(aisopod_plugin, shutdown), 0, NULL, FIXTURE_ID, NULL, stub_register, stub_init, stub_shutdown, NULL};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
