/* Declarations shared by the source files of this plugin. */
#ifndef WORD_STATS_H
#define WORD_STATS_H

#include <aisopod/plugin.h>

/* One instance. There are no globals, since a host may create several instances. */
typedef struct word_stats {
  aisopod_plugin plugin;
  const aisopod_host *host;
  char *folder; /* the only folder from which files are read */
} word_stats;

/* The tool: `data` is a word_stats. */
int32_t word_stats_call(void *data, const aisopod_request *request, aisopod_reply *reply);

#endif
