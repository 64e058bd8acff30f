/* Correct structs. Each tool changes one thing in them. */
#ifndef RECORDS_H
#define RECORDS_H

#include <aisopod/plugin.h>
#include <string.h>

static inline aisopod_log log_of(const char *message, size_t length) {
  aisopod_log record;
  record.size = (uint32_t)sizeof record;
  record.level = AISOPOD_LOG_INFO;
  record.message = message;
  record.message_length = length;
  return record;
}

static inline aisopod_chunk chunk_of(const aisopod_request *request, const void *bytes, size_t length) {
  aisopod_chunk chunk;
  memset(&chunk, 0, sizeof chunk);
  chunk.size = (uint32_t)sizeof chunk;
  chunk.format = AISOPOD_FORMAT_JSON;
  chunk.invocation = request->invocation;
  chunk.data = bytes;
  chunk.length = length;
  return chunk;
}

static inline aisopod_completion completion_of(const aisopod_request *request) {
  aisopod_completion completion;
  memset(&completion, 0, sizeof completion);
  completion.size = (uint32_t)sizeof completion;
  completion.status = AISOPOD_OK;
  completion.invocation = request->invocation;
  completion.format = AISOPOD_FORMAT_JSON;
  completion.data = "{}";
  completion.length = 2;
  return completion;
}

#endif
