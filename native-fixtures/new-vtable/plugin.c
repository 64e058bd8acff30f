/* As if compiled with a newer header: members follow that this host does not know. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

static const struct {
  aisopod_plugin today;
  uint64_t tomorrow[5];
} plugin = {{(uint32_t)(sizeof(aisopod_plugin) + 5 * sizeof(uint64_t)), 0, NULL, FIXTURE_ID, NULL, stub_register, stub_init,
             stub_shutdown, NULL},
            {1, 2, 3, 4, 5}};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin.today; }
