/* shutdown reports a failure, with a reason. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

static int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  (void)self;
  return aisopod_fail(reply, AISOPOD_E_FAILED, "cannot let go");
}

STUB_CREATE(stub_register, stub_init, shutdown_plugin);
