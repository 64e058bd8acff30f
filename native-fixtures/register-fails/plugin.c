/* register_capabilities reports a failure, with a reason. */
#include "stub.h"

#ifndef FIXTURE_STATUS
#define FIXTURE_STATUS AISOPOD_E_FAILED
#endif

AISOPOD_DEFINE_ABI();

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  (void)host;
  return aisopod_fail(reply, FIXTURE_STATUS, "nothing to offer");
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
