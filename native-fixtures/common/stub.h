/* A plugin that does nothing, for fixtures that differ in one thing. */
#ifndef FIXTURE_STUB_H
#define FIXTURE_STUB_H

#include <aisopod/plugin.h>

static inline int32_t stub_register(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  (void)host;
  (void)reply;
  return AISOPOD_OK;
}

static inline int32_t stub_init(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  (void)reply;
  return AISOPOD_OK;
}

static inline int32_t stub_shutdown(void *self, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  return AISOPOD_OK;
}

/* A whole aisopod_plugin; FIXTURE_ID is the folder's name, from CMake. */
#define STUB_PLUGIN(register_function, init_function, shutdown_function) \
  {(uint32_t)sizeof(aisopod_plugin), 0, NULL, FIXTURE_ID, NULL, register_function, init_function, shutdown_function, NULL}

/* Defines create, for a plugin with these functions. */
#define STUB_CREATE(register_function, init_function, shutdown_function)                                              \
  static const aisopod_plugin plugin = STUB_PLUGIN(register_function, init_function, shutdown_function);              \
  AISOPOD_EXTERN_C_BEGIN                                                                                              \
  AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return &plugin; }                                \
  AISOPOD_EXTERN_C_END                                                                                                \
  struct stub_create_takes_a_semicolon

#endif
