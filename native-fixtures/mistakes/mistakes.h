/* Plugins with one mistake each, which hosts do not notice: for the checks of `aisopod-plugin validate`. */
#ifndef MISTAKES_H
#define MISTAKES_H

#include <aisopod/plugin.h>

#include "thread.h"
#include "tools.h"

/* What a plugin does unlike an honest one; NULL or 0 is what an honest one does. */
typedef struct mistake {
  int32_t (*invoke)(void *data, const aisopod_request *request, aisopod_reply *reply);
  uint32_t capability_flags;
  uint32_t plugin_flags;
  uint32_t plugin_size;
  int32_t (*register_capabilities)(void *self, const aisopod_host *host, aisopod_reply *reply);
  int32_t (*init)(void *self, const aisopod_init *init, aisopod_reply *reply);
  int32_t (*shutdown)(void *self, aisopod_reply *reply);
  const void *(*get_extension)(void *self, const char *id);
  void (*cancel)(void *data, uint64_t invocation);
} mistake;

/* The host functions; set by init. */
extern const aisopod_host *host;

/* Runs `run` on a thread that shutdown joins. Several may run at once. Returns false if there is no thread. */
int run_aside(void (*run)(void *argument), void *argument);
void join_all(void);

int32_t answer_null(void *data, const aisopod_request *request, aisopod_reply *reply);
/* Registers the one tool, with the mistake's functions. */
int32_t register_mistake(const aisopod_host *with, uint32_t size, aisopod_reply *reply);

#endif
