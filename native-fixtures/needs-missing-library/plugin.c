/* Linked with a library that is not shipped. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

int32_t not_shipped(void);

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  (void)reply;
  return not_shipped();
}

STUB_CREATE(stub_register, init_plugin, stub_shutdown);
