/* The baseline: the same C functions in a handwritten Node-API addon. */
#include <node_api.h>
#include <stdlib.h>

#include "work.h"

/* A failing call is a bug in the benchmark. */
#define CHECK(call) \
  if ((call) != napi_ok) abort()

/* Two growing buffers that are reused, so that an echo allocates only its strings. */
typedef struct buffers {
  char *input;
  char *output;
  size_t capacity;
} buffers;

static void make_room(buffers *at, size_t needed) {
  if (needed <= at->capacity) return;
  at->input = (char *)realloc(at->input, needed);
  at->output = (char *)realloc(at->output, needed);
  if (at->input == NULL || at->output == NULL) abort();
  at->capacity = needed;
}

/* Node-API truncates text that does not fit, so if the buffer is full, this reads again with a larger one. Returns the length. */
static size_t read_text(napi_env env, napi_value text, buffers *at) {
  size_t length;
  CHECK(napi_get_value_string_utf8(env, text, at->input, at->capacity, &length));
  if (length + 4 < at->capacity) return length;
  CHECK(napi_get_value_string_utf8(env, text, NULL, 0, &length));
  make_room(at, length + 5);
  CHECK(napi_get_value_string_utf8(env, text, at->input, at->capacity, &length));
  return length;
}

static napi_value argument_of(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  CHECK(napi_get_cb_info(env, info, &count, &argument, NULL, NULL));
  return argument;
}

/* echo(text: string): string */
static napi_value echo(napi_env env, napi_callback_info info) {
  static buffers kept;
  napi_value result;
  size_t length;
  make_room(&kept, 4096);
  length = read_text(env, argument_of(env, info), &kept);
  length = bench_echo(kept.input, length, kept.output);
  CHECK(napi_create_string_utf8(env, kept.output, length, &result));
  return result;
}

typedef struct job {
  buffers memory;
  size_t length;
  napi_deferred deferred;
  napi_async_work work;
  struct job *next;
} job;

static job *idle_jobs;

static void run_job(napi_env env, void *data) {
  job *self = (job *)data;
  (void)env;
  self->length = bench_echo(self->memory.input, self->length, self->memory.output);
}

static void end_job(napi_env env, napi_status status, void *data) {
  job *self = (job *)data;
  napi_value result;
  CHECK(status);
  CHECK(napi_create_string_utf8(env, self->memory.output, self->length, &result));
  CHECK(napi_resolve_deferred(env, self->deferred, result));
  CHECK(napi_delete_async_work(env, self->work));
  self->next = idle_jobs;
  idle_jobs = self;
}

/* echoAsync(text: string): Promise<string> */
static napi_value echo_async(napi_env env, napi_callback_info info) {
  job *self = idle_jobs;
  napi_value promise, name;
  if (self != NULL) idle_jobs = self->next;
  else if ((self = (job *)calloc(1, sizeof *self)) == NULL) abort();
  make_room(&self->memory, 4096);
  self->length = read_text(env, argument_of(env, info), &self->memory);
  CHECK(napi_create_promise(env, &self->deferred, &promise));
  CHECK(napi_create_string_utf8(env, "echo", NAPI_AUTO_LENGTH, &name));
  CHECK(napi_create_async_work(env, NULL, name, run_job, end_job, self, &self->work));
  CHECK(napi_queue_async_work(env, self->work));
  return promise;
}

typedef struct listener {
  napi_env env;
  napi_value function;
  napi_value receiver;
} listener;

static int32_t tell(void *context, const aisopod_log *record) {
  const listener *self = (const listener *)context;
  napi_handle_scope scope;
  napi_value arguments[2], result;
  int32_t status;
  CHECK(napi_open_handle_scope(self->env, &scope));
  CHECK(napi_create_uint32(self->env, record->level, &arguments[0]));
  CHECK(napi_create_string_utf8(self->env, record->message, record->message_length, &arguments[1]));
  CHECK(napi_call_function(self->env, self->receiver, self->function, 2, arguments, &result));
  CHECK(napi_get_value_int32(self->env, result, &status));
  CHECK(napi_close_handle_scope(self->env, scope));
  return status;
}

/* log(times: number, listen: (level: number, line: string) => number): number */
static napi_value log_often(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], result;
  listener self;
  int32_t times;
  self.env = env;
  CHECK(napi_get_cb_info(env, info, &count, arguments, &self.receiver, NULL));
  CHECK(napi_get_value_int32(env, arguments[0], &times));
  self.function = arguments[1];
  CHECK(napi_create_int32(env, bench_log(tell, &self, times), &result));
  return result;
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback run) {
  napi_value function;
  CHECK(napi_create_function(env, name, NAPI_AUTO_LENGTH, run, NULL, &function));
  CHECK(napi_set_named_property(env, exports, name, function));
}

NAPI_MODULE_INIT() {
  export_function(env, exports, "echo", echo);
  export_function(env, exports, "echoAsync", echo_async);
  export_function(env, exports, "log", log_often);
  return exports;
}
