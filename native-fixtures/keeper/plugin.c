/* Counts its calls, and hands that over to its next generation. FIXTURE_FAULT: a build whose restore is bad, or that has none. */
#include "stub.h"
#include "thread.h"
#include "tools.h"
#include "wait-for-file.h"

#include <stdlib.h>

#define REFUSES_RESTORE 1
#define CRASHES_IN_RESTORE 2
#define HANGS_IN_RESTORE 3
#define HAS_NO_HANDOVER 4
#define HAS_NO_RESTORE 5

#ifndef FIXTURE_FAULT
#define FIXTURE_FAULT 0
#endif

AISOPOD_DEFINE_ABI();

typedef enum behaviour { WELL, EMPTY, LARGEST, TOO_LARGE, REFUSES, CRASHES, HANGS } behaviour;

static const aisopod_host *host;
static int64_t calls;
static uint32_t length; /* of the state that it was given */
static int was_restored_at_init;
static int call_status; /* of a host call during restore */
static behaviour how;
static int releases;

/* What save gives: the number of calls, and then as many further bytes as the behaviour wants. */
typedef struct state {
  int64_t calls;
  unsigned char more[8];
} state;

/* Counts, and answers with what happened to states: the bytes that it was given, and how many of its own were released. */
static int32_t count(void *data, const aisopod_request *request, aisopod_reply *reply) {
  char text[160];
  (void)data;
  (void)request;
  snprintf(text, sizeof text, "{\"release\":%d,\"calls\":%" PRId64 ",\"restored\":%u,\"atInit\":%d,\"releases\":%d,\"hostCall\":%d}", FIXTURE_RELEASE, ++calls,
           (unsigned)length, was_restored_at_init, releases, call_status);
  return aisopod_reply_json(reply, text);
}

/* {"save": n}: how save behaves from now on. */
static int32_t behave(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  how = (behaviour)json_number(input_of(request), "save", 0);
  return answer_number(reply, "save", how);
}

static int32_t block(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  return wait_for_file(request, reply, "release", FIXTURE_RELEASE);
}

static const tool TOOLS[] = {{"count", 0, count, NULL}, {"behave", 0, behave, NULL}, {"block", 0, block, NULL}};

static int32_t register_capabilities(void *self, const aisopod_host *its_host, aisopod_reply *reply) {
  host = its_host;
  return register_tools(its_host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], self, reply);
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  (void)reply;
  was_restored_at_init = length > 0;
  return AISOPOD_OK;
}

static void free_state(void *argument, const void *owned) {
  (void)owned;
  releases++;
  free(argument);
}

static int32_t save(void *self, aisopod_reply *reply) {
  size_t size = how == LARGEST ? AISOPOD_MAX_STATE : how == TOO_LARGE ? (size_t)AISOPOD_MAX_STATE + 1 : sizeof(state);
  state *given;
  (void)self;
  if (how == EMPTY) return AISOPOD_OK;
  if (how == REFUSES) return aisopod_fail(reply, AISOPOD_E_FAILED, "the state is in use");
  if (how == CRASHES) abort();
  while (how == HANGS) sleep_ms(1000);
  given = (state *)calloc(1, size);
  if (given == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  given->calls = calls;
  given->more[0] = 0xFF; /* neither UTF-8 nor JSON */
  reply->format = AISOPOD_FORMAT_BYTES;
  return aisopod_reply_owned(reply, given, size, free_state, given);
}

static int32_t restore(void *self, const aisopod_state *given, aisopod_reply *reply) {
  const state *before = (const state *)given->data;
  aisopod_call call;
  (void)self;
  if (FIXTURE_FAULT == REFUSES_RESTORE) return aisopod_fail(reply, AISOPOD_E_FAILED, "a state of another format");
  if (FIXTURE_FAULT == CRASHES_IN_RESTORE) abort();
  while (FIXTURE_FAULT == HANGS_IN_RESTORE) sleep_ms(1000);
  if (given->size < sizeof *given || given->length < sizeof *before || before->more[0] != 0xFF) return aisopod_fail(reply, AISOPOD_E_INVALID, "not what save gave");
  memset(&call, 0, sizeof call);
  call.size = (uint32_t)sizeof call;
  call.kind = AISOPOD_KIND_TOOL;
  call.name = "count";
  call.method = "call";
  call.format = AISOPOD_FORMAT_JSON;
  call.input = "{}";
  call.input_length = 2;
  call.on_reply = ignore;
  call_status = host->call(host->context, &call);
  calls = before->calls;
  length = (uint32_t)given->length;
  return AISOPOD_OK;
}

static const void *get_extension(void *self, const char *id) {
  static const aisopod_handover handover = {(uint32_t)sizeof handover, 0, save, FIXTURE_FAULT == HAS_NO_RESTORE ? NULL : restore};
  (void)self;
  return FIXTURE_FAULT != HAS_NO_HANDOVER && strcmp(id, AISOPOD_EXTENSION_HANDOVER) == 0 ? &handover : NULL;
}

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  static aisopod_plugin plugin = STUB_PLUGIN(register_capabilities, init_plugin, stub_shutdown);
  plugin.get_extension = get_extension;
  return &plugin;
}
