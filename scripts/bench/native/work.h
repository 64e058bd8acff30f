/* The functions that every side of a comparison calls: the benchmark plugin, the Node-API addon, and plain koffi. */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <aisopod/plugin.h>

/* Copies `length` bytes to `output`, which must have room, and returns `length`. */
AISOPOD_EXPORT size_t bench_echo(const void *input, size_t length, void *output);

/* Does nothing; has the signature of `invoke`. */
AISOPOD_EXPORT int32_t bench_ping(void *data, const void *request, void *reply);

typedef int32_t (*bench_log_function)(void *context, const aisopod_log *record);

/* Calls `log` this many times with the same 64 bytes; returns how often it returned AISOPOD_OK. */
AISOPOD_EXPORT int32_t bench_log(bench_log_function log, void *context, int32_t times);

#endif
