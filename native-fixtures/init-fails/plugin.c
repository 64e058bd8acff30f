/* init reports a failure, with a reason. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  return aisopod_fail(reply, AISOPOD_E_FAILED, "no licence file");
}

STUB_CREATE(stub_register, init_plugin, stub_shutdown);
