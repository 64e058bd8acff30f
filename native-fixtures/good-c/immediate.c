/* Tools that answer before invoke returns. */
#include "good.h"

static void release(void *memory, const void *owned) {
  good *self = (good *)memory;
  free((void *)(uintptr_t)owned);
  mutex_lock(&self->lock);
  self->released++;
  mutex_unlock(&self->lock);
}

int32_t answer_owned(good *self, aisopod_reply *reply, char *memory, size_t length) {
  return aisopod_reply_owned(reply, memory, length, release, self);
}

int32_t answer_copy(good *self, aisopod_reply *reply, const void *data, size_t length) {
  char *memory;
  if (aisopod_reply_copy(reply, data, length) > 0) return AISOPOD_OK;
  memory = (char *)malloc(length);
  if (memory == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  memcpy(memory, data, length);
  return answer_owned(self, reply, memory, length);
}

static int32_t echo(void *data, const aisopod_request *request, aisopod_reply *reply) {
  return answer_copy((good *)data, reply, request->input, request->input_length);
}

static int32_t fail(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_fail(reply, AISOPOD_E_FAILED, "asked to fail");
}

static int32_t sleep_tool(void *data, const aisopod_request *request, aisopod_reply *reply) {
  uint64_t end = now_ms() + json_number(input_of(request), "ms", 0);
  (void)data;
  while (now_ms() < end) {
    if (aisopod_cancelled(request)) return aisopod_fail(reply, AISOPOD_E_CANCELLED, "woken early");
    sleep_ms(1);
  }
  return aisopod_reply_json(reply, "{\"slept\":true}");
}

static int32_t block(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  sleep_ms((uint32_t)json_number(input_of(request), "ms", 0));
  return aisopod_reply_json(reply, "{\"blocked\":true}");
}

static int32_t owned(void *data, const aisopod_request *request, aisopod_reply *reply) {
  size_t length = (size_t)json_number(input_of(request), "bytes", 0);
  char *text = (char *)malloc(length + 2);
  if (text == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  memset(text, 'o', length + 2);
  text[0] = text[length + 1] = '"';
  return answer_owned((good *)data, reply, text, length + 2);
}

static int32_t released(void *data, const aisopod_request *request, aisopod_reply *reply) {
  good *self = (good *)data;
  int64_t count;
  (void)request;
  mutex_lock(&self->lock);
  count = (int64_t)self->released;
  mutex_unlock(&self->lock);
  return answer_number(reply, "released", count);
}

static int32_t thread_id(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char text[64];
  (void)data;
  (void)request;
  snprintf(text, sizeof text, "{\"thread\":\"%" PRIu64 "\"}", thread_self());
  return aisopod_reply_json(reply, text);
}

static int32_t wait_cancel(void *data, const aisopod_request *request, aisopod_reply *reply) {
  good *self = (good *)data;
  mutex_lock(&self->lock);
  while (!aisopod_cancelled(request)) condition_wait(&self->cancelled, &self->lock);
  mutex_unlock(&self->lock);
  return aisopod_fail(reply, AISOPOD_E_CANCELLED, "woken by cancel");
}

static void wake(void *data, uint64_t invocation) {
  good *self = (good *)data;
  (void)invocation; /* each waiter looks at its own cancel word */
  mutex_lock(&self->lock);
  condition_wake_all(&self->cancelled);
  mutex_unlock(&self->lock);
}

static int32_t config(void *data, const aisopod_request *request, aisopod_reply *reply) {
  good *self = (good *)data;
  int32_t status;
  (void)request;
  mutex_lock(&self->lock);
  status = aisopod_reply_copy(reply, self->config, self->config_length);
  mutex_unlock(&self->lock);
  return status;
}

static int32_t data_file(void *data, const aisopod_request *request, aisopod_reply *reply) {
  good *self = (good *)data;
  char path[4096];
  FILE *file;
  (void)request;
  snprintf(path, sizeof path, "%s/written.txt", self->data_dir);
  file = fopen(path, "wb");
  if (file == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "cannot write written.txt");
  fputs("written by good-c\n", file);
  fclose(file);
  return aisopod_reply_json(reply, "{\"file\":\"written.txt\"}");
}

static int32_t log_tool(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const aisopod_host *host = ((good *)data)->host;
  json message = json_text(json_member(input_of(request), "message"));
  aisopod_log record;
  int32_t status;
  record.size = (uint32_t)sizeof record;
  record.level = (uint32_t)json_number(input_of(request), "level", AISOPOD_LOG_INFO);
  record.message = message.at;
  record.message_length = message.length;
  status = host->log(host->context, &record);
  return status > 0 ? aisopod_reply_json(reply, "{\"logged\":true}") : aisopod_fail(reply, status, "log refused");
}

static int32_t host_extension(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const aisopod_host *host = ((good *)data)->host;
  char id[AISOPOD_MAX_NAME + 1];
  json_copy(json_text(json_member(input_of(request), "id")), id, sizeof id);
  return aisopod_reply_json(reply, host->get_extension(host->context, id) == NULL ? "{\"known\":false}" : "{\"known\":true}");
}

static const tool TOOLS[] = {
    {"echo", 0, echo, NULL},
    {"echo_inline", AISOPOD_CAPABILITY_INLINE, echo, NULL},
    {"fail", 0, fail, NULL},
    {"sleep", 0, sleep_tool, NULL},
    {"block", 0, block, NULL},
    {"owned", 0, owned, NULL},
    {"released", 0, released, NULL},
    {"thread_id", 0, thread_id, NULL},
    {"thread_id_inline", AISOPOD_CAPABILITY_INLINE, thread_id, NULL},
    {"wait_cancel", 0, wait_cancel, wake},
    {"config", 0, config, NULL},
    {"data_file", 0, data_file, NULL},
    {"log", 0, log_tool, NULL},
    {"host_extension", 0, host_extension, NULL},
};

int32_t immediate_register(good *self, const aisopod_host *host, aisopod_reply *reply) {
  return register_tools(host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], self, reply);
}
