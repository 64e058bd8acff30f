/* shutdown reports a failure, with a reason. */
#include "stub.h"

#ifndef FIXTURE_STATUS
#define FIXTURE_STATUS AISOPOD_E_FAILED
#endif

AISOPOD_DEFINE_ABI();

static int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  (void)self;
  return aisopod_fail(reply, FIXTURE_STATUS, "cannot let go");
}

STUB_CREATE(stub_register, stub_init, shutdown_plugin);
