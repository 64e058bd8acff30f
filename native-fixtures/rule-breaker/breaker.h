/* Shared by the source files of this plugin. */
#ifndef BREAKER_H
#define BREAKER_H

#include <aisopod/plugin.h>

#include "tools.h"

/* The host functions; set by init. */
extern const aisopod_host *host;
/* True after shutdown was called. */
extern volatile int is_shut_down;

int32_t replies_register(const aisopod_host *with, aisopod_reply *reply);
int32_t completions_register(const aisopod_host *with, aisopod_reply *reply);
int32_t structs_register(const aisopod_host *with, aisopod_reply *reply);
int32_t threads_register(const aisopod_host *with, aisopod_reply *reply);

#endif
