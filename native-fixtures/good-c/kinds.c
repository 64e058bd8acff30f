/* One command, hook, channel and provider. */
#include "good.h"

static int is_method(const aisopod_request *request, const char *method) { return strcmp(request->method, method) == 0; }

static int32_t unknown_method(aisopod_reply *reply) { return aisopod_fail(reply, AISOPOD_E_UNSUPPORTED, "unknown method"); }

/* greet NAME [EXIT_CODE]: a line to each of stdout and stderr. */
static int32_t greet(void *data, const aisopod_request *request, aisopod_reply *reply) {
  good *self = (good *)data;
  json argv = json_member(input_of(request), "argv");
  json name = json_text(json_element(argv, 0));
  char greeting[64];
  char text[512];
  if (!is_method(request, "run")) return unknown_method(reply);
  if (name.length > 256) return aisopod_fail(reply, AISOPOD_E_FAILED, "the name is too long");
  mutex_lock(&self->lock);
  json_copy(json_text(json_member(json_of(self->config, self->config_length), "greeting")), greeting, sizeof greeting);
  mutex_unlock(&self->lock);

  snprintf(text, sizeof text, "\"%s %.*s\\n\"", greeting[0] == '\0' ? "hello" : greeting, (int)name.length, name.at);
  emit_patiently(self->host, request, AISOPOD_TAG_STDOUT, text, strlen(text));
  snprintf(text, sizeof text, "\"greeted %.*s\\n\"", (int)name.length, name.at);
  emit_patiently(self->host, request, AISOPOD_TAG_STDERR, text, strlen(text));
  snprintf(text, sizeof text, "{\"exitCode\":%d}", (int)json_whole(json_element(argv, 1), 0));
  return aisopod_reply_json(reply, text);
}

static int32_t before_tool_execute(void *data, const aisopod_request *request, aisopod_reply *reply) {
  json mode = json_text(json_member(input_of(request), "mode"));
  (void)data;
  if (!is_method(request, "handle")) return unknown_method(reply);
  if (json_equals(mode, "fail")) return aisopod_fail(reply, AISOPOD_E_FAILED, "asked to fail");
  if (json_equals(mode, "veto")) return aisopod_reply_json(reply, "{\"action\":\"veto\",\"reason\":\"asked to veto\"}");
  if (json_equals(mode, "replace"))
    return aisopod_reply_json(reply, "{\"action\":\"replace\",\"value\":{\"replaced\":true}}");
  return aisopod_reply_json(reply, "{\"action\":\"continue\"}");
}

/* Runs while the channel is open: emits one message, then those from `send`. */
static void keep_channel(job *work) {
  static const char HELLO[] = "{\"text\":\"channel open\"}";
  static const char CLOSED[] = "{\"closed\":true}";
  good *self = work->self;
  aisopod_emit(work->ticket.host, work->ticket.invocation, AISOPOD_TAG_MESSAGE, HELLO, sizeof HELLO - 1);
  while (job_pause(work, 1000)) continue;
  mutex_lock(&self->lock);
  if (self->channel.invocation == work->ticket.invocation) self->channel.invocation = 0;
  mutex_unlock(&self->lock);
  aisopod_complete(work->ticket.host, work->ticket.invocation, AISOPOD_OK, CLOSED, sizeof CLOSED - 1);
}

static void set_channel(good *self, aisopod_ticket ticket) {
  mutex_lock(&self->lock);
  self->channel = ticket;
  mutex_unlock(&self->lock);
}

static int32_t start_channel(good *self, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_ticket none;
  int32_t status;
  memset(&none, 0, sizeof none);
  set_channel(self, aisopod_ticket_of(self->host, request)); /* first, so that `send` works as soon as this returns */
  status = job_start(self, request, reply, 0, keep_channel);
  if (status < 0) set_channel(self, none);
  return status;
}

static int32_t send_message(good *self, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_ticket channel;
  int32_t status;
  mutex_lock(&self->lock);
  channel = self->channel;
  mutex_unlock(&self->lock);
  if (channel.invocation == 0) return aisopod_fail(reply, AISOPOD_E_FAILED, "the channel is not open");
  status = aisopod_emit(channel.host, channel.invocation, AISOPOD_TAG_MESSAGE, request->input, request->input_length);
  return status > 0 ? aisopod_reply_json(reply, "{\"sent\":true}") : aisopod_fail(reply, status, "emit was refused");
}

static int32_t loopback(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (is_method(request, "start")) return start_channel((good *)data, request, reply);
  if (is_method(request, "send")) return send_message((good *)data, request, reply);
  return unknown_method(reply);
}

/* Emits each word of `content` as a delta, after a pause of `ms`. `text` has room for the longest word. */
static int32_t say(good *self, const aisopod_request *request, json content, uint32_t ms, char *text, size_t capacity) {
  size_t at = 0;
  while (at < content.length) {
    size_t end = at;
    int32_t status;
    while (end < content.length && content.at[end] != ' ') end++;
    if (ms > 0) sleep_ms(ms);
    if (aisopod_cancelled(request)) return AISOPOD_E_CANCELLED;
    snprintf(text, capacity, "{\"content\":\"%.*s\"}", (int)(end - at), content.at + at);
    status = emit_patiently(self->host, request, AISOPOD_TAG_DELTA, text, strlen(text));
    if (status < 0) return status;
    at = end + 1;
  }
  return AISOPOD_OK;
}

/* Repeats the last message; {"ms": n} in the request is the pause before each word. */
static int32_t chat(good *self, const aisopod_request *request, aisopod_reply *reply) {
  json content = json_text(json_member(json_element(json_member(input_of(request), "messages"), SIZE_MAX), "content"));
  uint32_t ms = (uint32_t)json_number(input_of(request), "ms", 0);
  size_t capacity = content.length + 64;
  char *text = (char *)malloc(capacity);
  int32_t status;
  if (text == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  status = say(self, request, content, ms, text, capacity);
  if (status < 0) {
    free(text);
    return aisopod_fail(reply, status, "chat was stopped");
  }
  snprintf(text, capacity, "{\"role\":\"assistant\",\"content\":\"%.*s\"}", (int)content.length, content.at);
  return answer_owned(self, reply, text, strlen(text));
}

static int32_t parrot(void *data, const aisopod_request *request, aisopod_reply *reply) {
  if (is_method(request, "models")) return aisopod_reply_json(reply, "[{\"id\":\"parrot-1\"}]");
  if (is_method(request, "chat")) return chat((good *)data, request, reply);
  return unknown_method(reply);
}

int32_t kinds_register(good *self, const aisopod_host *host, aisopod_reply *reply) {
  int32_t status = aisopod_register_command(host, "greet", "Greets someone", "{\"usage\":\"greet NAME [EXIT_CODE]\"}",
                                            greet, self, reply);
  if (status > 0) status = aisopod_register_hook(host, "BeforeToolExecute", before_tool_execute, self, reply);
  if (status > 0) status = aisopod_register_channel(host, "loopback", "Gives back what is sent", loopback, self, reply);
  if (status > 0) status = aisopod_register_provider(host, "parrot", "Says it again", parrot, self, reply);
  return status;
}
