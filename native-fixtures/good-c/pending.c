/* Tools that answer later or in parts: pending, host_call, stream. */
#include "good.h"

#define MAX_CHUNK 65536u

static void finish_pending(job *work) {
  const aisopod_ticket *ticket = &work->ticket;
  const char *text = "{\"ok\":true}";
  int32_t status = AISOPOD_OK;
  if (!job_pause(work, work->ms)) {
    text = "stopped early";
    status = AISOPOD_E_CANCELLED;
  }
  aisopod_complete(ticket->host, ticket->invocation, status, text, strlen(text));
}

static int32_t pending(void *data, const aisopod_request *request, aisopod_reply *reply) {
  return job_start((good *)data, request, reply, json_number(input_of(request), "ms", 0), finish_pending);
}

typedef struct waiting_call {
  const aisopod_host *host;
  uint64_t invocation;
} waiting_call;

static void pass_on(void *user, const aisopod_completion *answer) {
  waiting_call *waiting = (waiting_call *)user;
  aisopod_complete(waiting->host, waiting->invocation, answer->status, answer->data, answer->length);
  free(waiting);
}

static int32_t host_call(void *data, const aisopod_request *request, aisopod_reply *reply) {
  const aisopod_host *host = ((good *)data)->host;
  json input = json_member(input_of(request), "input");
  char name[AISOPOD_MAX_NAME + 1];
  waiting_call *waiting = (waiting_call *)malloc(sizeof *waiting);
  aisopod_call call;
  int32_t status;
  if (waiting == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  waiting->host = host;
  waiting->invocation = request->invocation;
  json_copy(json_text(json_member(input_of(request), "name")), name, sizeof name);

  call = call_of(request, name, pass_on);
  if (input.length > 0) {
    call.input = input.at;
    call.input_length = input.length;
  }
  call.user = waiting;
  status = host->call(host->context, &call);
  if (status == AISOPOD_PENDING) return AISOPOD_PENDING;
  free(waiting);
  return aisopod_fail(reply, status, "the host refused the call");
}

int32_t emit_patiently(const aisopod_host *host, const aisopod_request *request, uint32_t tag, const char *text, size_t length) {
  for (;;) {
    int32_t status = aisopod_emit(host, request->invocation, tag, text, length);
    if (status != AISOPOD_E_FULL) return status;
    while (!aisopod_has_room(request)) {
      if (aisopod_cancelled(request)) return AISOPOD_E_CANCELLED;
      sleep_ms(1);
    }
  }
}

static int32_t stream_chunks(const aisopod_host *host, const aisopod_request *request, char *chunk, size_t bytes,
                             uint64_t count) {
  uint64_t i;
  for (i = 0; i < count; i++) {
    int32_t status;
    size_t at = (size_t)snprintf(chunk, MAX_CHUNK, "{\"i\":%" PRIu64 ",\"pad\":\"", i);
    if (aisopod_cancelled(request)) return AISOPOD_E_CANCELLED;
    while (at + 2 < bytes) chunk[at++] = 'x';
    chunk[at++] = '"';
    chunk[at++] = '}';
    status = emit_patiently(host, request, AISOPOD_TAG_NONE, chunk, at);
    if (status < 0) return status;
  }
  return AISOPOD_OK;
}

static int32_t stream(void *data, const aisopod_request *request, aisopod_reply *reply) {
  uint64_t count = json_number(input_of(request), "count", 1);
  uint64_t bytes = json_number(input_of(request), "bytes", 0);
  char *chunk = (char *)malloc(MAX_CHUNK);
  int32_t status;
  if (chunk == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  status = stream_chunks(((good *)data)->host, request, chunk, bytes < MAX_CHUNK ? (size_t)bytes : MAX_CHUNK, count);
  free(chunk);
  if (status == AISOPOD_E_STALE) status = AISOPOD_E_CANCELLED;
  if (status < 0) return aisopod_fail(reply, status, "the stream was stopped");
  return answer_number(reply, "count", (int64_t)count);
}

static const tool TOOLS[] = {{"pending", 0, pending, NULL}, {"host_call", 0, host_call, NULL}, {"stream", 0, stream, NULL}};

int32_t pending_register(good *self, const aisopod_host *host, aisopod_reply *reply) {
  return register_tools(host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], self, reply);
}
