#include "work.h"

#include <string.h>

size_t bench_echo(const void *input, size_t length, void *output) {
  memcpy(output, input, length);
  return length;
}

int32_t bench_ping(void *data, const void *request, void *reply) {
  (void)data;
  (void)request;
  (void)reply;
  return AISOPOD_OK;
}

int32_t bench_log(bench_log_function log, void *context, int32_t times) {
  static const char LINE[] = "a line of sixty-four bytes, as a plugin writes them to a log ...";
  aisopod_log record;
  int32_t taken = 0;
  record.size = (uint32_t)sizeof record;
  record.level = AISOPOD_LOG_INFO;
  record.message = LINE;
  record.message_length = sizeof LINE - 1;
  for (; times > 0; times--) taken += log(context, &record) == AISOPOD_OK;
  return taken;
}
