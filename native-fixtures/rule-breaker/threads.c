/* Uses threads and buffers after their lifetime, and too many at once (rules 10, 13, 14, 18). */
#include "breaker.h"
#include "thread.h"
#include "witness.h"

#define MAX_THREADS 1024u

static int32_t start_alone(aisopod_reply *reply, void (*run)(void *), void *argument) {
  thread alone;
  if (!thread_start(&alone, run, argument)) return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread to be had");
  thread_detach(alone);
  return aisopod_reply_json(reply, "{\"started\":true}");
}

static void spoil(void *memory) {
  char *buffer = (char *)memory;
  int i;
  for (i = 0; i < 200; i++) {
    memset(buffer, 'X', 16);
    sleep_ms(1);
  }
}

/* Keeps writing to the lent buffer for a while after the reply. */
static int32_t keep_lent_buffer(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return start_alone(reply, spoil, reply->buffer);
}

/* {"count": n}: emits n chunks and ignores FULL. */
static int32_t flood(void *data, const aisopod_request *request, aisopod_reply *reply) {
  uint64_t count = json_number(input_of(request), "count", 10000);
  unsigned accepted = 0;
  unsigned full = 0;
  unsigned other = 0;
  char text[96];
  (void)data;
  for (; count > 0; count--) {
    int32_t status = aisopod_emit(host, request->invocation, AISOPOD_TAG_NONE, "{\"drop\":true}", 13);
    if (status > 0) accepted++;
    else if (status == AISOPOD_E_FULL) full++;
    else other++;
  }
  snprintf(text, sizeof text, "{\"accepted\":%u,\"full\":%u,\"other\":%u}", accepted, full, other);
  return aisopod_reply_json(reply, text);
}

static struct {
  mutex lock;
  condition everyone_is_here;
  uint64_t expected;
  uint64_t here;
  int64_t logged;
} crowd;

static void log_with_the_others(void *unused) {
  int32_t status;
  (void)unused;
  mutex_lock(&crowd.lock);
  crowd.here++;
  condition_wake_all(&crowd.everyone_is_here);
  while (crowd.here < crowd.expected) condition_wait(&crowd.everyone_is_here, &crowd.lock);
  mutex_unlock(&crowd.lock);
  status = aisopod_log_text(host, AISOPOD_LOG_DEBUG, "one of many");
  mutex_lock(&crowd.lock);
  if (status > 0) crowd.logged++;
  mutex_unlock(&crowd.lock);
}

/* {"threads": n}: n threads call log at once; replies with the number of lines that were accepted. */
static int32_t many_threads(void *data, const aisopod_request *request, aisopod_reply *reply) {
  static thread workers[MAX_THREADS];
  uint64_t asked = json_number(input_of(request), "threads", 300);
  uint64_t count = asked < MAX_THREADS ? asked : MAX_THREADS;
  uint64_t started = 0;
  (void)data;
  mutex_make(&crowd.lock);
  condition_make(&crowd.everyone_is_here);
  crowd.expected = count;
  crowd.here = 0;
  crowd.logged = 0;
  while (started < count && thread_start(&workers[started], log_with_the_others, NULL)) started++;
  mutex_lock(&crowd.lock);
  crowd.expected = started; /* where the system gave fewer threads, the others must not wait for them */
  condition_wake_all(&crowd.everyone_is_here);
  mutex_unlock(&crowd.lock);
  while (started > 0) thread_join(workers[--started]);
  condition_free(&crowd.everyone_is_here);
  mutex_free(&crowd.lock);
  return answer_number(reply, "logged", crowd.logged);
}

typedef struct late_work {
  uint64_t invocation;
  uint64_t ms; /* 0: for ever */
  int32_t until; /* A status; 0: none. */
} late_work;

static late_work *late_work_of(const aisopod_request *request) {
  late_work *work = (late_work *)malloc(sizeof *work);
  if (work == NULL) return NULL;
  work->invocation = request->invocation;
  work->ms = json_number(input_of(request), "ms", 0);
  work->until = -(int32_t)json_number(input_of(request), "until_minus", 0);
  return work;
}

static void use_host_late(void *memory) {
  late_work work = *(late_work *)memory;
  uint64_t end = now_ms() + work.ms;
  int32_t logged = 0;
  int32_t emitted = 0;
  int32_t completed = 0;
  int is_last;
  char line[128];
  free(memory);
  do {
    is_last = work.until != 0 ? emitted == work.until : work.ms != 0 && now_ms() >= end;
    logged = aisopod_log_text(host, AISOPOD_LOG_DEBUG, "late");
    emitted = aisopod_emit(host, work.invocation, AISOPOD_TAG_NONE, "{}", 2);
    completed = aisopod_complete(host, work.invocation, AISOPOD_OK, "{}", 2);
    sleep_ms(1);
  } while (!is_last);
  snprintf(line, sizeof line, "late_thread log %d emit %d complete %d", logged, emitted, completed);
  witness("AISOPOD_FIXTURE_LOG", line);
}

/* {"ms": n}: keeps calling the host for n ms, even after shutdown; for ever if n is 0. {"until_minus": n}: until a chunk is
 * answered with the status -n, and once more. Writes its last statuses to the file named by AISOPOD_FIXTURE_LOG. */
static int32_t late_thread(void *data, const aisopod_request *request, aisopod_reply *reply) {
  late_work *work = late_work_of(request);
  (void)data;
  if (work == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  return start_alone(reply, use_host_late, work);
}

static void emit_when_shut_down(void *memory) {
  late_work work = *(late_work *)memory;
  int32_t status;
  char line[64];
  free(memory);
  while (!is_shut_down) sleep_ms(1);
  do { /* until shutdown has returned as well */
    sleep_ms(1);
    status = aisopod_emit(host, work.invocation, AISOPOD_TAG_NONE, "{}", 2);
  } while (status == AISOPOD_E_STALE);
  snprintf(line, sizeof line, "chunk_after_shutdown %d", status);
  witness("AISOPOD_FIXTURE_LOG", line);
}

/* Emits a chunk of this invocation after shutdown, and writes the status to the file named by AISOPOD_FIXTURE_LOG. */
static int32_t chunk_after_shutdown(void *data, const aisopod_request *request, aisopod_reply *reply) {
  late_work *work = late_work_of(request);
  (void)data;
  if (work == NULL) return aisopod_fail(reply, AISOPOD_E_FAILED, "out of memory");
  return start_alone(reply, emit_when_shut_down, work);
}

static const tool TOOLS[] = {
    {"keep_lent_buffer", 0, keep_lent_buffer, NULL}, {"flood", 0, flood, NULL},
    {"many_threads", 0, many_threads, NULL},         {"late_thread", 0, late_thread, NULL},
    {"chunk_after_shutdown", 0, chunk_after_shutdown, NULL},
};

int32_t threads_register(const aisopod_host *with, aisopod_reply *reply) {
  return register_tools(with, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}
