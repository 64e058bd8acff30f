/* Writes anything anywhere into the memory that its process shares with the host, rings the host's bell, and sends anything as answers. */
#include "stub.h"
#include "thread.h"
#include "tools.h"

#if !defined(_WIN32)
#include <unistd.h>
#endif

AISOPOD_DEFINE_ABI();

enum { WORDS_BYTES = 65536, USED_WORDS = 2400, DOORBELL = 13, ANSWER_WORDS = 5, TEXT_BYTES = 256 };

typedef struct attack {
  unsigned char *memory;
  size_t length;
  uint32_t seed;
  thread runs;
  int is_running;
  volatile int must_stop;
} attack;

static attack the_attack; /* one instance of this plugin per process */

static uint32_t next(attack *a, uint32_t below) {
  a->seed = a->seed * 1664525u + 1013904223u;
  return below == 0 ? 0 : (a->seed >> 8) % below;
}

static uint32_t nasty(attack *a) {
  static const uint32_t VALUES[] = {0, 1, 2, 0xffffffffu, 0x7fffffffu, 0x80000000u, 65535, 65536, 65537, 1u << 24};
  return next(a, 2) == 0 ? VALUES[next(a, sizeof VALUES / sizeof VALUES[0])] : next(a, 1u << 24) * 257u;
}

#if defined(__linux__)

/* The mapping that holds an address. */
static int find_mapping(attack *a, const void *inside) {
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  int found = 0;
  if (maps == NULL) return 0;
  while (!found && fgets(line, sizeof line, maps) != NULL) {
    unsigned long long begin, end;
    if (sscanf(line, "%llx-%llx", &begin, &end) != 2) continue;
    if ((uintptr_t)inside < begin || (uintptr_t)inside >= end || strstr(line, "memfd:aisopod-plugin") == NULL) continue;
    a->memory = (unsigned char *)(uintptr_t)begin;
    a->length = (size_t)(end - begin);
    found = 1;
  }
  fclose(maps);
  return found;
}

static void ring(attack *a) {
  char bytes[256];
  size_t count = 1 + next(a, sizeof bytes);
  memset(bytes, 0, sizeof bytes);
  if (write(DOORBELL, bytes, count) < 0) return;
}

#else

static int find_mapping(attack *a, const void *inside) {
  (void)a;
  (void)inside;
  return 0;
}

static void ring(attack *a) { (void)a; }

#endif

#if defined(_WIN32)

static void send_answer(attack *a) { (void)a; }

#else

/* Without shared memory the doorbell is the socket for calls: what looks like an answer, or a part of one, or neither. */
static void send_answer(attack *a) {
  uint32_t words[ANSWER_WORDS + TEXT_BYTES / 4];
  uint32_t length = next(a, TEXT_BYTES);
  size_t bytes, i;
  for (i = 0; i < sizeof words / sizeof words[0]; i++) words[i] = next(a, 1u << 24) * 257u;
  words[0] = next(a, 4) == 0 ? nasty(a) : next(a, 64) | next(a, 3) << 16;
  words[1] = next(a, 2) == 0 ? nasty(a) : 1;
  words[2] = next(a, 2) == 0 ? nasty(a) : 1;
  words[3] = next(a, 4) == 0 ? nasty(a) : length;
  words[4] = next(a, 4) == 0 ? nasty(a) : 0;
  bytes = ANSWER_WORDS * 4 + ((length + 3u) & ~(size_t)3u);
  if (next(a, 8) == 0) bytes = 1 + next(a, sizeof words);
  if (write(DOORBELL, words, bytes) < 0) return;
}

#endif

static void strike(attack *a) {
  volatile uint32_t *words = (volatile uint32_t *)(void *)a->memory;
  switch (next(a, 8)) {
    case 0: /* bits of what has returned */
      words[80 + next(a, 2)] = nasty(a);
      break;
    case 1: /* status, format, length and the like of a slot */
      words[352 + next(a, 64) * 32 + 16 + next(a, 8)] = nasty(a);
      break;
    case 2: /* heads, tails, who sleeps, counts */
      words[next(a, 80)] = nasty(a);
      break;
    case 3: /* an answer */
      a->memory[WORDS_BYTES + next(a, 8u << 20)] = (unsigned char)next(a, 256);
      break;
    case 4: /* many answers */
      memset(a->memory + WORDS_BYTES + next(a, 64) * 131072u, (int)next(a, 256), 65536);
      break;
    case 5: /* any word */
      words[next(a, USED_WORDS)] = nasty(a);
      break;
    case 6:
      if (next(a, 64) == 0) ring(a);
      break;
    default:
      a->memory[next(a, (uint32_t)(a->length > 0xffffff ? 0xffffff : a->length))] = (unsigned char)next(a, 256);
  }
}

static void run_attack(void *argument) {
  attack *a = (attack *)argument;
  while (!a->must_stop) {
    int i;
    for (i = 0; i < 200; i++) strike(a);
    sleep_ms(1);
  }
}

static int32_t echo(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  return aisopod_reply_copy(reply, request->input, (size_t)request->input_length);
}

/* {"attacks": 1} once the attack has begun; 0 if there is no shared memory. */
static int32_t start_attack(void *data, const aisopod_request *request, aisopod_reply *reply) {
  attack *a = &the_attack;
  (void)data;
  if (a->is_running || !find_mapping(a, request->input)) return answer_number(reply, "attacks", 0);
  a->seed = (uint32_t)now_ms();
  a->is_running = thread_start(&a->runs, run_attack, a);
  return answer_number(reply, "attacks", a->is_running);
}

/* Rings the host's bell without end, in a thread of its own. */
static void run_ring(void *argument) {
  attack *a = (attack *)argument;
  while (!a->must_stop) ring(a);
}

static int32_t start_ring(void *data, const aisopod_request *request, aisopod_reply *reply) {
  attack *a = &the_attack;
  (void)data;
  (void)request;
  if (!a->is_running) a->is_running = thread_start(&a->runs, run_ring, a);
  return answer_number(reply, "rings", a->is_running);
}

static void run_answers(void *argument) {
  attack *a = (attack *)argument;
  sleep_ms(20); /* so that the call that began it is answered */
  while (!a->must_stop) {
    send_answer(a);
    sleep_ms(1);
  }
}

/* Sends answers that nobody asked for, in a thread of its own. */
static int32_t start_answers(void *data, const aisopod_request *request, aisopod_reply *reply) {
  attack *a = &the_attack;
  (void)data;
  (void)request;
  a->seed = (uint32_t)now_ms();
  if (!a->is_running) a->is_running = thread_start(&a->runs, run_answers, a);
  return answer_number(reply, "attacks", a->is_running);
}

static const tool TOOLS[] = {
    {"echo", 0, echo, NULL},
    {"echo_inline", AISOPOD_CAPABILITY_INLINE, echo, NULL},
    {"attack", 0, start_attack, NULL},
    {"ring", 0, start_ring, NULL},
    {"answers", 0, start_answers, NULL},
};

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  (void)self;
  return register_tools(host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], NULL, reply);
}

static int32_t shutdown_plugin(void *self, aisopod_reply *reply) {
  (void)self;
  (void)reply;
  the_attack.must_stop = 1;
  if (the_attack.is_running) thread_join(the_attack.runs);
  the_attack.is_running = 0;
  return AISOPOD_OK;
}

STUB_CREATE(register_capabilities, stub_init, shutdown_plugin);
