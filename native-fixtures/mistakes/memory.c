/* Uses memory that it may not use (rules 2, 5, 14). */
#include "mistakes.h"

static volatile uint64_t seen; /* so that no compiler drops a read */

static void read_invocation(void *memory) {
  const aisopod_request *request = (const aisopod_request *)memory;
  sleep_ms(300);
  seen = request->invocation;
}

static int32_t keep_request(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (!run_aside(read_invocation, (void *)(uintptr_t)request)) return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread to be had");
  return answer_null(data, request, reply);
}

const mistake request_kept = {.invoke = keep_request};

static void write_later(void *buffer) {
  sleep_ms(300);
  *(char *)buffer = 'X';
}

static int32_t keep_buffer(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (!run_aside(write_later, reply->buffer)) return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread to be had");
  return answer_null(data, request, reply);
}

const mistake buffer_kept = {.invoke = keep_buffer};

#define LARGE 10000

static int32_t answer_large(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char *buffer = (char *)reply->buffer;
  (void)data;
  (void)request;
  memset(buffer, 'x', LARGE); /* without a look at the capacity */
  buffer[0] = buffer[LARGE - 1] = '"';
  reply->length = LARGE;
  return AISOPOD_OK;
}

const mistake answer_too_large = {.invoke = answer_large};

static int32_t measure_input(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  return answer_number(reply, "length", (int64_t)strlen((const char *)request->input));
}

const mistake input_by_strlen = {.invoke = measure_input};

/* As if the request had one member more. */
typedef struct own_request {
  aisopod_request request;
  uint64_t priority;
} own_request;

static int32_t read_own_member(void *data, const aisopod_request *request, aisopod_reply *reply) {
  seen = ((const own_request *)(const void *)request)->priority;
  return answer_null(data, request, reply);
}

const mistake request_read_beyond = {.invoke = read_own_member};

const mistake plugin_struct_too_large = {.plugin_size = (uint32_t)sizeof(aisopod_plugin) + 16};

static int32_t register_large(void *self, const aisopod_host *with, aisopod_reply *reply) {
  (void)self;
  return register_mistake(with, (uint32_t)sizeof(aisopod_capability) + 8, reply);
}

const mistake capability_struct_too_large = {.register_capabilities = register_large};

static int32_t lose_copy(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char *copy = (char *)malloc(request->input_length + 1);
  if (copy == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  memcpy(copy, request->input, request->input_length);
  seen = (uint64_t)(uintptr_t)copy; /* and no free */
  return answer_null(data, request, reply);
}

const mistake memory_lost = {.invoke = lose_copy};
