/* Uses a function that neither this library nor any other defines. */
#include "stub.h"

AISOPOD_DEFINE_ABI();

int32_t aisopod_fixture_defined_by_nobody(void);

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  (void)reply;
  return aisopod_fixture_defined_by_nobody();
}

STUB_CREATE(stub_register, init_plugin, stub_shutdown);
