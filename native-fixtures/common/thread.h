/* Threads, locks and time for POSIX and Windows: C99 has none, and macOS lacks those of C11. */
#ifndef FIXTURE_THREAD_H
#define FIXTURE_THREAD_H

#include <stdint.h>
#include <stdlib.h>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
typedef HANDLE thread;
typedef SRWLOCK mutex;
typedef CONDITION_VARIABLE condition;
#else
#include <pthread.h>
#include <time.h>
typedef pthread_t thread;
typedef pthread_mutex_t mutex;
typedef pthread_cond_t condition;
#endif

/* What a new thread runs. The two systems need different signatures, so each has a small entry function. */
typedef struct thread_task {
  void (*run)(void *argument);
  void *argument;
} thread_task;

#if defined(_WIN32)

static inline DWORD WINAPI thread_entry(void *memory) {
  thread_task task = *(thread_task *)memory;
  free(memory);
  task.run(task.argument);
  return 0;
}

static inline int thread_create(thread *made, thread_task *task) {
  *made = CreateThread(NULL, 0, thread_entry, task, 0, NULL);
  return *made != NULL;
}
static inline void thread_join(thread which) {
  WaitForSingleObject(which, INFINITE);
  CloseHandle(which);
}
static inline void thread_detach(thread which) { CloseHandle(which); }
static inline uint64_t thread_self(void) { return GetCurrentThreadId(); }
static inline void mutex_make(mutex *lock) { InitializeSRWLock(lock); }
static inline void mutex_lock(mutex *lock) { AcquireSRWLockExclusive(lock); }
static inline void mutex_unlock(mutex *lock) { ReleaseSRWLockExclusive(lock); }
static inline void mutex_free(mutex *lock) { (void)lock; }
static inline void condition_make(condition *changed) { InitializeConditionVariable(changed); }
static inline void condition_wait(condition *changed, mutex *lock) { SleepConditionVariableSRW(changed, lock, INFINITE, 0); }
static inline void condition_wake_all(condition *changed) { WakeAllConditionVariable(changed); }
static inline void condition_free(condition *changed) { (void)changed; }
static inline void sleep_ms(uint32_t ms) { Sleep(ms); }
static inline uint64_t now_ms(void) { return GetTickCount64(); }

#else

static inline void *thread_entry(void *memory) {
  thread_task task = *(thread_task *)memory;
  free(memory);
  task.run(task.argument);
  return NULL;
}

static inline int thread_create(thread *made, thread_task *task) { return pthread_create(made, NULL, thread_entry, task) == 0; }
static inline void thread_join(thread which) { pthread_join(which, NULL); }
static inline void thread_detach(thread which) { pthread_detach(which); }
static inline uint64_t thread_self(void) { return (uint64_t)(uintptr_t)pthread_self(); }
static inline void mutex_make(mutex *lock) { pthread_mutex_init(lock, NULL); }
static inline void mutex_lock(mutex *lock) { pthread_mutex_lock(lock); }
static inline void mutex_unlock(mutex *lock) { pthread_mutex_unlock(lock); }
static inline void mutex_free(mutex *lock) { pthread_mutex_destroy(lock); }
static inline void condition_make(condition *changed) { pthread_cond_init(changed, NULL); }
static inline void condition_wait(condition *changed, mutex *lock) { pthread_cond_wait(changed, lock); }
static inline void condition_wake_all(condition *changed) { pthread_cond_broadcast(changed); }
static inline void condition_free(condition *changed) { pthread_cond_destroy(changed); }
static inline void sleep_ms(uint32_t ms) {
  struct timespec pause;
  pause.tv_sec = (time_t)(ms / 1000);
  pause.tv_nsec = (long)(ms % 1000) * 1000000L;
  nanosleep(&pause, NULL);
}
static inline uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

#endif

/* Starts a thread that calls run(argument); false if the system has no more threads. */
static inline int thread_start(thread *made, void (*run)(void *argument), void *argument) {
  thread_task *task = (thread_task *)malloc(sizeof *task);
  if (task == NULL) return 0;
  task->run = run;
  task->argument = argument;
  if (thread_create(made, task)) return 1;
  free(task);
  return 0;
}

#endif
