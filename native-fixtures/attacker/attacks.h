/* One way to reach something, and what it is aimed at. Linux only. */
#ifndef ATTACKS_H
#define ATTACKS_H

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH_BYTES = 1024 };

typedef struct target {
  char secret[PATH_BYTES]; /* a file that was not granted */
  char folder[PATH_BYTES]; /* its folder */
  char data[PATH_BYTES];   /* a folder that was granted for writing */
  char own[PATH_BYTES];    /* a file that was granted for reading */
  char socket[PATH_BYTES]; /* a socket that was not granted */
  int pid;                 /* another process of this user */
  int port;                /* a TCP port on which somebody listens */
} target;

/* Returns 0 if it reached what it wanted, else the negative errno. */
typedef struct attack {
  const char *name;
  long (*run)(const target *);
} attack;

#define ATTACK(name) static long name(__attribute__((unused)) const target *t)

/* The third access mode, for neither reading nor writing. O_ACCMODE of musl is that with O_PATH. */
#define O_NEITHER 3

static inline long outcome(long result) { return result < 0 ? -errno : 0; }

/* For calls that are not to succeed outside either: with this error, the kernel has looked at the arguments. */
static inline long reached(long result, int error) { return result < 0 && errno == error ? 0 : outcome(result); }

#define CALL(...) outcome(syscall(__VA_ARGS__))

/* What is allowed, to compare. */
extern const attack ALLOWED[];
/* Each ends with a row without a name. */
extern const attack FILE_ATTACKS[], METADATA_ATTACKS[], NETWORK_ATTACKS[], PROCESS_ATTACKS[], EXECUTION_ATTACKS[], SHARED_ATTACKS[], KERNEL_ATTACKS[], THREAD_ATTACKS[];

#endif
