// Writes a line to the file named by AISOPOD_FIXTURE_LOG at each call. Has no note, so the host must call abi_version.
#include "stub.h"
#include "witness.h"

#ifndef FIXTURE_ABI
#define FIXTURE_ABI AISOPOD_ABI_VERSION
#endif

namespace {

void entered(const char *entry) { witness("AISOPOD_FIXTURE_LOG", entry); }

struct Opened {
  Opened() { entered("constructor"); }
} opened;

int32_t register_capabilities(void *, const aisopod_host *, aisopod_reply *) {
  entered("register");
  return AISOPOD_OK;
}

int32_t init_plugin(void *, const aisopod_init *, aisopod_reply *) {
  entered("init");
  return AISOPOD_OK;
}

int32_t shutdown_plugin(void *, aisopod_reply *) {
  entered("shutdown");
  return AISOPOD_OK;
}

const aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, init_plugin, shutdown_plugin);

}

extern "C" {

AISOPOD_EXPORT uint32_t aisopod_plugin_abi_version(void) {
  entered("abi_version");
  return FIXTURE_ABI;
}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  entered("create");
  return &plugin;
}

AISOPOD_EXPORT void aisopod_plugin_destroy(const aisopod_plugin *) { entered("destroy"); }

}
