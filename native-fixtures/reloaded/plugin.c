/* A plugin in two releases that answer differently, and in bad builds (FIXTURE_FAULT) that must never replace a good one. */
#include "stub.h"
#include "thread.h"
#include "tools.h"
#include "wait-for-file.h"

#include <stdlib.h>

#define CRASHES_IN_CREATE 1
#define CRASHES_IN_INIT 2
#define HANGS_IN_INIT 3
#define REFUSES_INIT 4

#ifndef FIXTURE_FAULT
#define FIXTURE_FAULT 0
#endif

AISOPOD_DEFINE_ABI();

static const aisopod_host *host;
static mutex lock;
/* The open channel, and the thread that completes it. */
static aisopod_ticket channel;
static thread keeper;
static int has_keeper;

static int32_t version(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return answer_number(reply, "version", FIXTURE_RELEASE);
}

static int32_t wait_for(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  return wait_for_file(request, reply, "version", FIXTURE_RELEASE);
}

static int32_t emit_patiently(const aisopod_request *request, const char *text) {
  for (;;) {
    int32_t status = aisopod_emit(host, request->invocation, AISOPOD_TAG_NONE, text, strlen(text));
    if (status != AISOPOD_E_FULL) return status;
    if (aisopod_cancelled(request)) return AISOPOD_E_CANCELLED;
    sleep_ms(1);
  }
}

/* {"count": n}: as many chunks, [release, index]. */
static int32_t stream(void *data, const aisopod_request *request, aisopod_reply *reply) {
  uint64_t count = json_number(input_of(request), "count", 1);
  uint64_t i;
  (void)data;
  for (i = 0; i < count; i++) {
    char text[64];
    int32_t status;
    snprintf(text, sizeof text, "[%d,%" PRIu64 "]", FIXTURE_RELEASE, i);
    status = emit_patiently(request, text);
    if (status < 0) return aisopod_fail(reply, status, "emit was refused");
  }
  return answer_number(reply, "version", FIXTURE_RELEASE);
}

/* Ignores its cancellation. */
static int32_t hang(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  while (aisopod_cancelled(request) >= 0) sleep_ms(1000);
  return aisopod_fail(reply, AISOPOD_E_CANCELLED, "cancelled");
}

static int32_t crash(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  (void)reply;
  abort();
}

static void keep_channel(void *unused) {
  static const char CLOSED[] = "{}";
  aisopod_ticket ticket;
  (void)unused;
  mutex_lock(&lock);
  ticket = channel;
  mutex_unlock(&lock);
  while (!aisopod_ticket_cancelled(&ticket)) sleep_ms(1);
  mutex_lock(&lock);
  channel.invocation = 0;
  mutex_unlock(&lock);
  aisopod_complete(ticket.host, ticket.invocation, AISOPOD_OK, CLOSED, sizeof CLOSED - 1);
}

static void join_keeper(void) {
  if (has_keeper) thread_join(keeper);
  has_keeper = 0;
}

/* Gives back what is sent. A receipt is {"version": release}. */
static int32_t loopback(void *data, const aisopod_request *request, aisopod_reply *reply) {
  aisopod_ticket open;
  int32_t status;
  (void)data;
  if (strcmp(request->method, "start") == 0) {
    join_keeper();
    mutex_lock(&lock);
    channel = aisopod_ticket_of(host, request);
    mutex_unlock(&lock);
    has_keeper = thread_start(&keeper, keep_channel, NULL);
    return has_keeper ? AISOPOD_PENDING : aisopod_fail(reply, AISOPOD_E_FAILED, "no thread to be had");
  }
  mutex_lock(&lock);
  open = channel;
  mutex_unlock(&lock);
  if (open.invocation == 0) return aisopod_fail(reply, AISOPOD_E_FAILED, "the channel is not open");
  do {
    status = aisopod_emit(open.host, open.invocation, AISOPOD_TAG_MESSAGE, request->input, request->input_length);
    if (status == AISOPOD_E_FULL) sleep_ms(1);
  } while (status == AISOPOD_E_FULL);
  return status > 0 ? answer_number(reply, "version", FIXTURE_RELEASE) : aisopod_fail(reply, status, "emit was refused");
}

static const tool TOOLS[] = {{"version", 0, version, NULL}, {"wait_for", 0, wait_for, NULL}, {"stream", 0, stream, NULL}, {"crash", 0, crash, NULL}, {"hang", 0, hang, NULL}};

static int32_t register_capabilities(void *self, const aisopod_host *its_host, aisopod_reply *reply) {
  int32_t status = register_tools(its_host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], self, reply);
  host = its_host;
  if (status > 0) status = aisopod_register_channel(its_host, "line", "Gives back what is sent", loopback, self, reply);
  return status;
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  (void)self;
  (void)init;
  if (FIXTURE_FAULT == CRASHES_IN_INIT) abort();
  while (FIXTURE_FAULT == HANGS_IN_INIT) sleep_ms(1000);
  if (FIXTURE_FAULT == REFUSES_INIT) return aisopod_fail(reply, AISOPOD_E_FAILED, "this build refuses to start");
  return AISOPOD_OK;
}

static int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  join_keeper();
  return AISOPOD_OK;
}

static const aisopod_plugin plugin = {
  (uint32_t)sizeof(aisopod_plugin), AISOPOD_PLUGIN_THREAD_SAFE, NULL, FIXTURE_ID, NULL, register_capabilities, init_plugin, shutdown_plugin, NULL};

AISOPOD_EXPORT const aisopod_plugin *aisopod_plugin_create(void) {
  if (FIXTURE_FAULT == CRASHES_IN_CREATE) abort();
  mutex_make(&lock);
  memset(&channel, 0, sizeof channel);
  has_keeper = 0;
  return &plugin;
}
