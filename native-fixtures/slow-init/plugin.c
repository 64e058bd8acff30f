/* init is slow, but succeeds. */
#include "stub.h"
#include "thread.h"

AISOPOD_DEFINE_ABI();

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  (void)reply;
  sleep_ms(500);
  return AISOPOD_OK;
}

STUB_CREATE(stub_register, init_plugin, stub_shutdown);
