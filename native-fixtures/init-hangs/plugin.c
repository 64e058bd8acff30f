/* init does not return in time. */
#include "hang.h"
#include "stub.h"

AISOPOD_DEFINE_ABI();

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  (void)reply;
  hang();
  return AISOPOD_OK;
}

STUB_CREATE(stub_register, init_plugin, stub_shutdown);
