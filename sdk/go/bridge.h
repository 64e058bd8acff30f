/* What the Go files and bridge.c know of each other. */
#ifndef AISOPOD_GO_BRIDGE_H
#define AISOPOD_GO_BRIDGE_H

#include <aisopod/plugin.h>

/* The data of a capability. Go objects are named by handles, because C must not keep pointers into Go's memory. */
typedef struct aisopod_go_capability {
  uintptr_t plugin; /* a cgo.Handle */
  uint32_t index;
} aisopod_go_capability;

/* The plugin that create returns. */
const aisopod_plugin *aisopod_go_plugin(uintptr_t plugin, const char *id, uint32_t flags, int is_reconfigurable);
uintptr_t aisopod_go_handle(const aisopod_plugin *plugin);
void aisopod_go_free(const aisopod_plugin *plugin);

int32_t aisopod_go_register(const aisopod_host *host, uint32_t kind, uint32_t flags, const char *name, const char *description,
                            const char *spec, aisopod_go_capability *data, aisopod_reply *reply);
int32_t aisopod_go_reply(aisopod_reply *reply, const void *json, size_t length);
int32_t aisopod_go_fail(aisopod_reply *reply, int32_t status, const void *message, size_t length);
int32_t aisopod_go_log(const aisopod_host *host, uint32_t level, const void *message, size_t length);
int32_t aisopod_go_ask(const aisopod_host *host, uint32_t kind, const char *name, const char *method, const void *input, size_t length,
                       uint64_t parent, uintptr_t waiting);

#endif
