/* Calls host functions with wrong structs and pointers, and at wrong times (rules 6, 7, 12, 19). Each tool replies with the
 * statuses that the host returned. */
#include "breaker.h"
#include "records.h"

#define TOO_SMALL 4u
#define TOO_LARGE 8192u
#define ABSURD ((size_t)1 << 60)

static int32_t nothing(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return aisopod_reply_json(reply, "{}");
}

static int32_t log_line(aisopod_log record) { return host->log(host->context, &record); }
static int32_t emit(aisopod_chunk chunk) { return host->emit(host->context, &chunk); }
static int32_t call_host(aisopod_call call) { return host->call(host->context, &call); }

static int32_t register_late(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_capability late = aisopod_capability_of(AISOPOD_KIND_TOOL, "late", nothing);
  (void)data;
  (void)request;
  return answer_number(reply, "status", aisopod_register(host, &late, NULL));
}

static int32_t bad_log(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_log unknown_level = log_of("unknown level", 13);
  aisopod_log small = log_of("small", 5);
  char text[160];
  (void)data;
  (void)request;
  unknown_level.level = 99;
  small.size = TOO_SMALL;
  snprintf(text, sizeof text, "{\"nothing\":%d,\"huge\":%d,\"utf8\":%d,\"level\":%d,\"size\":%d}", log_line(log_of(NULL, 5)),
           log_line(log_of("huge", ABSURD)), log_line(log_of("\xff\xfe", 2)), log_line(unknown_level), log_line(small));
  return aisopod_reply_json(reply, text);
}

static int32_t bad_chunk(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_chunk unknown_format = chunk_of(request, "{}", 2);
  char text[160];
  (void)data;
  unknown_format.format = 99;
  snprintf(text, sizeof text, "{\"nothing\":%d,\"huge\":%d,\"utf8\":%d,\"json\":%d,\"format\":%d}",
           emit(chunk_of(request, NULL, 5)), emit(chunk_of(request, "{}", ABSURD)),
           emit(chunk_of(request, "\"\xff\xfe\"", 4)), emit(chunk_of(request, "{\"open\":", 8)), emit(unknown_format));
  return aisopod_reply_json(reply, text);
}

static int32_t bad_chunk_size(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_chunk small = chunk_of(request, "{}", 2);
  aisopod_chunk large = small;
  char text[64];
  (void)data;
  small.size = TOO_SMALL;
  large.size = TOO_LARGE;
  snprintf(text, sizeof text, "{\"small\":%d,\"large\":%d}", emit(small), emit(large));
  return aisopod_reply_json(reply, text);
}

static int32_t bad_completion_size(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_completion small = completion_of(request);
  aisopod_completion large = small;
  char text[64];
  (void)data;
  small.size = TOO_SMALL;
  large.size = TOO_LARGE;
  snprintf(text, sizeof text, "{\"small\":%d,\"large\":%d}", host->complete(host->context, &small),
           host->complete(host->context, &large));
  return aisopod_reply_json(reply, text);
}

static int32_t bad_call(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_call unknown_kind = call_of(request, "echo", ignore);
  aisopod_call no_reply = call_of(request, "echo", ignore);
  char text[128];
  (void)data;
  unknown_kind.kind = 99;
  no_reply.on_reply = NULL;
  snprintf(text, sizeof text, "{\"no_name\":%d,\"unknown_name\":%d,\"unknown_kind\":%d,\"no_reply\":%d}",
           call_host(call_of(request, NULL, ignore)), call_host(call_of(request, "nobody-has-this", ignore)), call_host(unknown_kind),
           call_host(no_reply));
  return aisopod_reply_json(reply, text);
}

static int32_t misaligned(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_log record = log_of("misaligned", 10);
  aisopod_chunk chunk = chunk_of(request, "{}", 2);
  aisopod_completion completion = completion_of(request);
  uint64_t room[16]; /* aligned, so that the byte after its first is not */
  char *odd = (char *)room + 1;
  int32_t logged;
  int32_t emitted;
  char text[96];
  (void)data;
  memcpy(odd, &record, sizeof record);
  logged = host->log(host->context, (const aisopod_log *)(const void *)odd);
  memcpy(odd, &chunk, sizeof chunk);
  emitted = host->emit(host->context, (const aisopod_chunk *)(const void *)odd);
  memcpy(odd, &completion, sizeof completion);
  snprintf(text, sizeof text, "{\"log\":%d,\"emit\":%d,\"complete\":%d}", logged, emitted,
           host->complete(host->context, (const aisopod_completion *)(const void *)odd));
  return aisopod_reply_json(reply, text);
}

static int32_t null_struct(void *data, const aisopod_request *request, aisopod_reply *reply) {
  void *context = host->context;
  char text[192];
  (void)data;
  (void)request;
  snprintf(text, sizeof text,
           "{\"log\":%d,\"register_capability\":%d,\"emit\":%d,\"complete\":%d,\"call\":%d,\"get_extension\":%s}",
           host->log(context, NULL), host->register_capability(context, NULL, NULL), host->emit(context, NULL),
           host->complete(context, NULL), host->call(context, NULL),
           host->get_extension(context, NULL) == NULL ? "null" : "\"a struct\"");
  return aisopod_reply_json(reply, text);
}

static int32_t unknown_context(void *data, const aisopod_request *request, aisopod_reply *reply) {
  void *context = (void *)(uintptr_t)0x7777u;
  aisopod_log record = log_of("lost", 4);
  aisopod_chunk chunk = chunk_of(request, "{}", 2);
  aisopod_completion completion = completion_of(request);
  aisopod_call call = call_of(request, "echo", ignore);
  char text[128];
  (void)data;
  snprintf(text, sizeof text, "{\"status\":%d,\"emit\":%d,\"complete\":%d,\"call\":%d}", host->log(context, &record),
           host->emit(context, &chunk), host->complete(context, &completion), host->call(context, &call));
  return aisopod_reply_json(reply, text);
}

/* Calls into this plugin while a call runs in it, although it is not THREAD_SAFE. */
static int32_t call_self(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  return answer_number(reply, "status", call_host(call_of(request, "statuses", ignore)));
}

static const tool TOOLS[] = {
    {"register_late", 0, register_late, NULL},   {"bad_log", 0, bad_log, NULL},
    {"bad_chunk", 0, bad_chunk, NULL},           {"bad_chunk_size", 0, bad_chunk_size, NULL},
    {"bad_completion_size", 0, bad_completion_size, NULL}, {"bad_call", 0, bad_call, NULL},
    {"misaligned", 0, misaligned, NULL},         {"null_struct", 0, null_struct, NULL},
    {"unknown_context", 0, unknown_context, NULL}, {"call_self", 0, call_self, NULL},
};

int32_t structs_register(const aisopod_host *with, aisopod_reply *reply) {
  return register_tools(with, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}
