/* shutdown does not return in time. */
#include "hang.h"
#include "stub.h"

AISOPOD_DEFINE_ABI();

static int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  hang();
  return AISOPOD_OK;
}

STUB_CREATE(stub_register, stub_init, shutdown_plugin);
