/* What the source files of this plugin share. */
#ifndef BREAKER_H
#define BREAKER_H

#include <aisopod/plugin.h>

#include "tools.h"

/* The host's functions, from init on. */
extern const aisopod_host *host;
/* True once shutdown was called. */
extern volatile int is_shut_down;

int32_t replies_register(const aisopod_host *with, aisopod_reply *reply);
int32_t completions_register(const aisopod_host *with, aisopod_reply *reply);
int32_t structs_register(const aisopod_host *with, aisopod_reply *reply);
int32_t threads_register(const aisopod_host *with, aisopod_reply *reply);

#endif
