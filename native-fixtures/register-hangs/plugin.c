/* register_capabilities does not return in time. */
#include "hang.h"
#include "stub.h"

AISOPOD_DEFINE_ABI();

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  (void)host;
  (void)reply;
  hang();
  return AISOPOD_OK;
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
