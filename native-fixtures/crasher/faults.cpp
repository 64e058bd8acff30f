#define _CRT_NONSTDC_NO_DEPRECATE  // MSVC: close and write have these names everywhere else
#include "faults.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <stdexcept>

#include "thread.h"

#if defined(_WIN32)
#include <direct.h>
#include <io.h>
#include <process.h>
#else
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>
#endif
#include <clocale>

namespace {

// Behind volatile pointers, so that the compiler cannot foresee the fault and remove or reject it.
int *volatile nowhere = nullptr;
volatile int zero = 0;

void segv() { *nowhere = 1; }

void divide() {
  std::raise(SIGFPE);
  std::printf("%d", 1 / zero);
}

void illegal() {
#if defined(__GNUC__)
  __builtin_trap();
#else
  std::raise(SIGILL);
#endif
}

int deeper(volatile char *above) {
  volatile char frame[4096];
  frame[0] = above[0];
  int (*volatile next)(volatile char *) = deeper;
  return next(frame) + frame[0];
}

void overflow_stack() {
  volatile char first = 0;
  deeper(&first);
}

void spin() {
  while (zero == 0) {
  }
}

void sleep_for_ever() {
  for (;;) sleep_ms(1000);
}

void deadlock() {
  mutex lock;
  mutex_make(&lock);
  mutex_lock(&lock);
  mutex_lock(&lock);
}

void free_twice() {
  void *volatile memory = std::malloc(64);
  std::free(memory);
  void *volatile again = memory;
  std::free(again);
  std::abort();  // where the allocator did not notice
}

void take_all_memory() {
  for (;;) {
    char *volatile block = static_cast<char *>(std::malloc(16 << 20));
    if (block == nullptr) std::abort();
    std::memset(block, 1, 16 << 20);
  }
}

// Shared memory does not count towards the limit of private memory.
void take_all_shared_memory() {
#ifdef _WIN32
  take_all_memory();
#else
  for (;;) {
    void *block = mmap(nullptr, 16 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
    if (block == MAP_FAILED) std::abort();
    std::memset(block, 1, 16 << 20);
    sleep_ms(5);
  }
#endif
}

void close_descriptors() {
  for (int descriptor = 0; descriptor < 256; descriptor++) close(descriptor);
}

// The descriptor through which a child talks to its host.
void close_connection() { close(12); }

void close_streams() {
  for (int descriptor = 0; descriptor < 3; descriptor++) close(descriptor);
}

void write_garbage() {
  static const char garbage[] = "\xff\xff\xff\xff garbage \0\x01\x02 {\"type\":\"result\"}\n";
  for (int descriptor = 1; descriptor < 10; descriptor++) {
    const auto written = write(descriptor, garbage, sizeof garbage);
    (void)written;
  }
}

void fork_itself() {
#if !defined(_WIN32)
  const pid_t child = fork();
  if (child == 0) {
    for (;;) sleep_ms(1000);
  }
#endif
}

void change_process() {
#if defined(_WIN32)
  const int moved = _chdir("C:\\");
#else
  const int moved = chdir("/");
#endif
  (void)moved;
  std::setlocale(LC_ALL, "C");
  std::signal(SIGTERM, SIG_IGN);
  std::signal(SIGSEGV, SIG_IGN);
}

void flood_output() {
  for (int line = 0; line < 100000; line++) std::printf("line %d of a plugin that does not stop\n", line);
  std::fflush(stdout);
}

// No fault: prints that it has begun, and uses 60 ms of processor time.
void work() {
  std::printf("working\n");
  std::fflush(stdout);
  const std::clock_t begin = std::clock();
  while (std::clock() - begin < CLOCKS_PER_SEC * 6 / 100) {
  }
}

void say_and_spin() {
  std::printf("working\n");
  std::fflush(stdout);
  spin();
}

// No fault: prints that it has begun, then 1 MiB; blocks if nobody reads.
void print_much() {
  std::printf("working\n");
  std::fflush(stdout);
  sleep_ms(100);
  const std::string line = std::string(1023, '.') + "\n";
  for (int i = 0; i < 1024; i++) std::fputs(line.c_str(), stdout);
  std::fflush(stdout);
}

const std::map<std::string, std::function<void()>> &faults() {
  static const std::map<std::string, std::function<void()>> all = {
      {"none", [] {}},
      {"segv", segv},
      {"abort", [] { std::abort(); }},
      {"fpe", divide},
      {"illegal", illegal},
      {"stack", overflow_stack},
      {"spin", spin},
      {"sleep", sleep_for_ever},
      {"deadlock", deadlock},
      {"exit", [] { std::exit(0); }},
      {"_exit", [] { _exit(3); }},
      {"throw", [] { throw std::runtime_error("nobody catches this"); }},
      {"double-free", free_twice},
      {"memory", take_all_memory},
      {"shared-memory", take_all_shared_memory},
      {"close-all", close_descriptors},
      {"close-connection", close_connection},
      {"close-streams", close_streams},
      {"garbage", write_garbage},
      {"fork", fork_itself},
      {"process", change_process},
      {"term", [] { std::raise(SIGTERM); }},
      {"flood", flood_output},
      {"work", work},
      {"say-and-spin", say_and_spin},
      {"print-much", print_much},
  };
  return all;
}

}

void commit_fault(const std::string &name) {
  const auto found = faults().find(name);
  if (found != faults().end()) found->second();
}

std::string fault_for(const char *step) {
  const char *wanted = std::getenv("AISOPOD_FIXTURE_FAULT");
  if (wanted == nullptr) return "none";
  const std::string text = wanted;
  const auto colon = text.find(':');
  return text.substr(0, colon) == step && colon != std::string::npos ? text.substr(colon + 1) : "none";
}
