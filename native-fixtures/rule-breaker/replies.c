/* Replies that break the contract (rules 5, 6, 20). */
#include "breaker.h"

static const char TEXT[] = "\"owned\"";
static int64_t released_count;

static void release(void *argument, const void *owned) {
  (void)argument;
  (void)owned;
  released_count++;
}

static int32_t no_status(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  aisopod_reply_json(reply, "{\"forgotten\":true}");
  return 0;
}

static int32_t unknown_status(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  aisopod_reply_json(reply, "{}");
  return 77;
}

static int32_t unknown_failure(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_fail(reply, -12345, "a status of its own");
}

static int32_t secret(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "{\"secret\":\"DE00 1234 5678 9012\"}");
}

/* Writes more bytes than it reports. */
static int32_t secret_behind(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  aisopod_reply_json(reply, "{}   {\"secret\":\"DE00 1234 5678 9012\"}");
  reply->length = 2;
  return AISOPOD_OK;
}

static int32_t never_written(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  reply->length = 20;
  return AISOPOD_OK;
}

static int32_t partly_written(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  aisopod_reply_json(reply, "{}");
  reply->length = 20;
  return AISOPOD_OK;
}

static int32_t unwritten_failure(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  reply->length = 20;
  return AISOPOD_E_FAILED;
}

/* The result of not checking malloc for NULL. */
static int32_t owned_null(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_owned(reply, NULL, 20, release, NULL);
}

static int32_t length_lies(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  reply->length = reply->capacity + 1;
  return AISOPOD_OK;
}

static int32_t owned_without_release(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_owned(reply, TEXT, sizeof TEXT - 1, NULL, NULL);
}

static int32_t huge_length(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_owned(reply, TEXT, (size_t)1 << 60, release, NULL);
}

static int32_t bad_utf8(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "\"\xff\xfe\"");
}

static int32_t bad_json(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "{\"open\":");
}

static int32_t bad_format(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  reply->format = 99;
  return aisopod_reply_json(reply, "{}");
}

static int32_t released(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return answer_number(reply, "released", released_count);
}

static const tool TOOLS[] = {
    {"no_status", 0, no_status, NULL},     {"unknown_status", 0, unknown_status, NULL},
    {"unknown_failure", 0, unknown_failure, NULL}, {"secret", 0, secret, NULL},
    {"secret_behind", 0, secret_behind, NULL}, {"never_written", 0, never_written, NULL},
    {"partly_written", 0, partly_written, NULL}, {"unwritten_failure", 0, unwritten_failure, NULL},
    {"owned_null", 0, owned_null, NULL},
    {"length_lies", 0, length_lies, NULL}, {"owned_without_release", 0, owned_without_release, NULL},
    {"huge_length", 0, huge_length, NULL}, {"bad_utf8", 0, bad_utf8, NULL},
    {"bad_json", 0, bad_json, NULL},       {"bad_format", 0, bad_format, NULL},
    {"released_count", 0, released, NULL},
};

int32_t replies_register(const aisopod_host *with, aisopod_reply *reply) {
  return register_tools(with, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}
