/* A plugin whose library can be unmapped after its shutdown, and builds of it that leave something behind (FIXTURE_FAULT). */
#include "stub.h"
#include "thread.h"
#include "tools.h"

#include <stdlib.h>

#ifndef FIXTURE_FAULT
#define FIXTURE_FAULT 0
#endif

#define HAS_THREAD_LOCAL_DESTRUCTOR 1
#define LEAVES_A_THREAD 2
#define IS_NEVER_UNLOADED 3 /* a flag of the linker: CMakeLists.txt */
#define HAS_A_UNIQUE_SYMBOL 4

AISOPOD_DEFINE_ABI();

#if FIXTURE_FAULT == HAS_A_UNIQUE_SYMBOL && defined(__ELF__)
__asm__(".data\n.globl unloads_unique\n.type unloads_unique, @gnu_unique_object\nunloads_unique: .long 1\n.size unloads_unique, 4\n.text\n");
#endif

#if FIXTURE_FAULT == HAS_THREAD_LOCAL_DESTRUCTOR && defined(__GLIBC__)
/* What C++ compilers call for `thread_local` variables with destructors. musl has no such function. */
extern int __cxa_thread_atexit_impl(void (*destroy)(void *object), void *object, void *library);
extern void *__dso_handle;

static void destroy_nothing(void *object) { (void)object; }
static void leave_thread_local(void) { __cxa_thread_atexit_impl(destroy_nothing, NULL, &__dso_handle); }
#else
static void leave_thread_local(void) {}
#endif

/* A file in the data folder. */
static char mark[1024];
static int was_closed_before;

/* The C library runs it when the library is closed, or at exit. */
static void on_close(void) {
  FILE *file = fopen(mark, "ab");
  if (file == NULL) return;
  fputs(was_closed_before ? "closed twice\n" : "closed\n", file);
  fclose(file);
  was_closed_before = 1;
}

/* {"version": n} */
static int32_t version(void *data, const aisopod_request *request, aisopod_reply *reply) {
  (void)data;
  (void)request;
  return answer_number(reply, "version", FIXTURE_RELEASE);
}

static const tool TOOLS[] = {{"version", 0, version, NULL}};

static int32_t register_capabilities(void *self, const aisopod_host *host, aisopod_reply *reply) {
  return register_tools(host, TOOLS, sizeof TOOLS / sizeof TOOLS[0], self, reply);
}

static void work(void *rounds) {
  uint64_t left;
  for (left = *(const uint64_t *)rounds; left > 0; left--) sleep_ms(1);
}

static int32_t init_plugin(void *self, const aisopod_init *init, aisopod_reply *reply) {
  static const uint64_t FEW = 1;
  static const uint64_t WITHOUT_END = UINT64_MAX;
  thread worker;
  int leaves = FIXTURE_FAULT == LEAVES_A_THREAD;
  (void)self;
  snprintf(mark, sizeof mark, "%s/closed", init->data_dir);
  leave_thread_local();
  if (!thread_start(&worker, work, (void *)(uintptr_t)(leaves ? &WITHOUT_END : &FEW))) return aisopod_fail(reply, AISOPOD_E_FAILED, "no thread to be had");
  if (leaves) thread_detach(worker);
  else thread_join(worker);
  return atexit(on_close) == 0 ? AISOPOD_OK : aisopod_fail(reply, AISOPOD_E_FAILED, "atexit failed");
}

STUB_CREATE(register_capabilities, init_plugin, stub_shutdown);
