/* The exports of a plugin, and the functions of the contract, which call Go. */
#include "bridge.h"

#include <stdlib.h>

#include "_cgo_export.h"

AISOPOD_DEFINE_ABI();

/* `self` is this, so that the handle is found again. */
typedef struct go_plugin {
  aisopod_plugin plugin;
  uintptr_t handle;
  int is_reconfigurable;
} go_plugin;

static uintptr_t handle_of(void *self) { return ((go_plugin *)self)->handle; }

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  return aisopodGoRegister(handle_of(self), (aisopod_host *)host, reply);
}
static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  return aisopodGoInit(handle_of(self), (aisopod_init *)init, reply);
}
static int32_t shutdown_plugin(void *self, aisopod_reply *reply) { return aisopodGoShutdown(handle_of(self), reply); }

static int32_t reconfigure_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  return aisopodGoReconfigure(handle_of(self), (aisopod_init *)init, reply);
}

static const void *get_extension(void *self, const char *id) {
  static const aisopod_reconfigure reconfigure = {sizeof reconfigure, 0, reconfigure_plugin};
  const char *known = AISOPOD_EXTENSION_RECONFIGURE;
  while (*known != '\0' && *known == *id) known++, id++;
  return *known == *id && ((go_plugin *)self)->is_reconfigurable ? &reconfigure : NULL;
}

static int32_t invoke(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const aisopod_go_capability *capability = (const aisopod_go_capability *)data;
  return aisopodGoInvoke(capability->plugin, capability->index, (aisopod_request *)request, reply);
}

static void cancel(void *data, uint64_t invocation) {
  const aisopod_go_capability *capability = (const aisopod_go_capability *)data;
  aisopodGoCancel(capability->plugin, capability->index, invocation);
}

static void answered(void *user, const aisopod_completion *completion) {
  aisopodGoAnswered((uintptr_t)user, completion->status, (void *)completion->data, completion->length);
}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) { return (const aisopod_plugin *)aisopodGoCreate(); }

AISOPOD_EXPORT void aisopod_plugin_destroy(const aisopod_plugin *plugin) { aisopodGoDestroy((aisopod_plugin *)plugin); }

const aisopod_plugin *aisopod_go_plugin(uintptr_t plugin, const char *id, uint32_t flags, int is_reconfigurable) {
  go_plugin *made = (go_plugin *)calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->handle = plugin;
  made->is_reconfigurable = is_reconfigurable;
  made->plugin.size = (uint32_t)sizeof made->plugin;
  made->plugin.flags = flags;
  made->plugin.self = made;
  made->plugin.id = id;
  made->plugin.register_capabilities = register_capabilities;
  made->plugin.init = init_plugin;
  made->plugin.shutdown = shutdown_plugin;
  made->plugin.get_extension = get_extension;
  return &made->plugin;
}

uintptr_t aisopod_go_handle(const aisopod_plugin *plugin) { return handle_of(plugin->self); }

void aisopod_go_free(const aisopod_plugin *plugin) {
  free((void *)plugin->id);
  free(plugin->self);
}

int32_t aisopod_go_register(const aisopod_host *host, uint32_t kind, uint32_t flags, const char *name, const char *description,
                            const char *spec, aisopod_go_capability *data, aisopod_reply *reply) {
  aisopod_capability capability = aisopod_capability_of(kind, name, invoke);
  capability.flags = flags;
  capability.description = *description == '\0' ? NULL : description;
  capability.spec = *spec == '\0' ? NULL : spec;
  capability.data = data;
  capability.cancel = kind == AISOPOD_KIND_CHANNEL ? cancel : NULL;
  return aisopod_register(host, &capability, reply);
}

int32_t aisopod_go_reply(aisopod_reply *reply, const void *json, size_t length) {
  return aisopod_reply_any(reply, json, length, malloc, free);
}

int32_t aisopod_go_fail(aisopod_reply *reply, int32_t status, const void *message, size_t length) {
  aisopod_fill(reply, message, length < reply->capacity ? length : reply->capacity);
  return status;
}

int32_t aisopod_go_log(const aisopod_host *host, uint32_t level, const void *message, size_t length) {
  aisopod_log record = {sizeof record, level, (const char *)message, length};
  return host->log(host->context, &record);
}

int32_t aisopod_go_ask(const aisopod_host *host, uint32_t kind, const char *name, const char *method, const void *input, size_t length,
                       uint64_t parent, uintptr_t waiting) {
  aisopod_call call = {0};
  call.size = (uint32_t)sizeof call;
  call.kind = kind;
  call.name = name;
  call.method = method;
  call.format = AISOPOD_FORMAT_JSON;
  call.input = input;
  call.input_length = length;
  call.parent = parent;
  call.on_reply = answered;
  call.user = (void *)waiting;
  return host->call(host->context, &call);
}
