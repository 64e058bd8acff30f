/* Each tool breaks the rule that it is named after. shutdown breaks rule 10: it joins no thread. */
#include "stub.h"

#include "breaker.h"

AISOPOD_DEFINE_ABI();

const aisopod_host *host;
volatile int is_shut_down;

static int32_t register_capabilities(void *self, const aisopod_host *with, aisopod_reply *reply) {
  int32_t status = replies_register(with, reply);
  (void)self;
  if (status > 0) status = completions_register(with, reply);
  if (status > 0) status = structs_register(with, reply);
  if (status > 0) status = threads_register(with, reply);
  return status;
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  host = init->host;
  return AISOPOD_OK;
}

static int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  is_shut_down = 1;
  return AISOPOD_OK;
}

STUB_CREATE(register_capabilities, init_plugin, shutdown_plugin);
