/* register_capabilities does not return in time. */
#include "stub.h"
#include "thread.h"

AISOPOD_DEFINE_ABI();

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  (void)host;
  (void)reply;
  sleep_ms(2000);
  return AISOPOD_OK;
}

STUB_CREATE(register_capabilities, stub_init, stub_shutdown);
