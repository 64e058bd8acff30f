/* Shared by the source files of this plugin: the instance, and the functions of each file. */
#ifndef GOOD_H
#define GOOD_H

#include <aisopod/plugin.h>

#include "thread.h"
#include "tools.h"

typedef struct job job;

/* One instance. There are no globals: two instances of one library share nothing. */
typedef struct good {
  aisopod_plugin plugin;
  aisopod_meta meta;
  aisopod_reconfigure reconfigure;
  const aisopod_host *host;
  char *data_dir;

  mutex lock; /* guards everything below; never held across a call to the host (rule 13) */
  condition cancelled;
  char *config;
  size_t config_length;
  uint64_t released;
  int stopping;
  job *jobs;
  aisopod_ticket channel; /* of the running `start`; invocation 0 when there is none */
} good;

/* jobs.c: threads for invocations that return PENDING. */
struct job {
  job *next;
  good *self;
  thread worker;
  void (*run)(job *);
  aisopod_ticket ticket;
  uint64_t ms;
  int finished;
};
/* Returns PENDING and lets `run` complete the invocation, or fails. */
int32_t job_start(good *self, const aisopod_request *request, aisopod_reply *reply, uint64_t ms, void (*run)(job *));
/* Sleeps for `ms`; false as soon as the invocation is cancelled or the plugin stops. */
int job_pause(job *work, uint64_t ms);
/* Ends and joins every thread. */
void jobs_stop(good *self);

/* pending.c: emits a chunk; waits for room while the invocation is open. */
int32_t emit_patiently(const aisopod_host *host, const aisopod_request *request, uint32_t tag, const char *text, size_t length);

/* immediate.c, pending.c, kinds.c: the capabilities. */
int32_t immediate_register(good *self, const aisopod_host *host, aisopod_reply *reply);
int32_t pending_register(good *self, const aisopod_host *host, aisopod_reply *reply);
int32_t kinds_register(good *self, const aisopod_host *host, aisopod_reply *reply);

/* Replies with a copy of `data`: in the lent buffer, or in memory of the plugin if it does not fit. */
int32_t answer_copy(good *self, aisopod_reply *reply, const void *data, size_t length);
/* Replies with memory from malloc, which the host returns through `release`. */
int32_t answer_owned(good *self, aisopod_reply *reply, char *memory, size_t length);

#endif
