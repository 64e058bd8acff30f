/* register_capabilities reports a failure, with a reason. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  (void)host;
  return aisopod_fail(reply, AISOPOD_E_FAILED, "nothing to offer");
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
