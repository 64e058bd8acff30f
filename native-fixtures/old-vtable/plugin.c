/* As if compiled with an older header that ends with shutdown: the host must not read beyond it. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

static const aisopod_plugin plugin = {(uint32_t)offsetof(aisopod_plugin, get_extension), 0, NULL, FIXTURE_ID, NULL,
                                      stub_register, stub_init, stub_shutdown, NULL};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }
