/* The id is right, but the name in meta is not UTF-8. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

static const aisopod_meta meta = {(uint32_t)sizeof(aisopod_meta), 0, "name \xff\xfe", "1.0.0", NULL, NULL};
static const aisopod_plugin plugin = {
    (uint32_t)sizeof(aisopod_plugin), 0, NULL, FIXTURE_ID, &meta, stub_register, stub_init, stub_shutdown, NULL};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
