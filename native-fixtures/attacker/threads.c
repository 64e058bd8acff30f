/* Uses threads that were there before the plugin, and new ones. */
#include "attacks.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Set before the handler runs, read after it has run. */
static char path[PATH_BYTES];
static volatile sig_atomic_t ran, worked, last_error;

static void handler(int number) {
  int fd, before = errno;
  (void)number;
  fd = open(path, O_RDONLY);
  if (fd >= 0) worked = 1;
  else last_error = errno;
  if (fd >= 0) close(fd);
  errno = before;
  ran = 1;
}

static void *read_it(void *result) {
  int fd = open(path, O_RDONLY);
  *(long *)result = fd < 0 ? -errno : outcome(close(fd));
  return NULL;
}

ATTACK(new_thread) {
  pthread_t thread;
  long result = -EAGAIN;
  strcpy(path, t->secret);
  if (pthread_create(&thread, NULL, read_it, &result) != 0) return -EAGAIN;
  pthread_join(thread, NULL);
  return result;
}

/* How far a thread's number may be from that of its process: on a busy machine other processes take numbers in between. */
enum { SPAN = 8192, FIRST_AFTER_THE_LAST = 300 };

static int is_near(int tid) { return tid < FIRST_AFTER_THE_LAST + SPAN || (tid >= getpid() && tid < getpid() + SPAN); }

/* Makes every thread of the process read the file. Their numbers follow that of the process closely, or begin again: /proc/self/task is not granted. */
ATTACK(every_thread) {
  struct sigaction action, before;
  int tid, waited;
  long reached_threads = 0;
  strcpy(path, t->secret);
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  sigaction(SIGURG, &action, &before);
  worked = 0;
  for (tid = FIRST_AFTER_THE_LAST; tid < getpid() + SPAN; tid++) {
    ran = 0;
    if (!is_near(tid) || syscall(SYS_tgkill, getpid(), tid, SIGURG) != 0) continue;
    reached_threads++;
    for (waited = 0; !ran && waited < 2000; waited++) usleep(1000);
  }
  sigaction(SIGURG, &before, NULL);
  if (reached_threads < 2) return -ESRCH;
  return worked ? 0 : -last_error;
}

const attack THREAD_ATTACKS[] = {{"read on a new thread", new_thread}, {"read on every thread that was there before", every_thread}, {NULL, NULL}};
