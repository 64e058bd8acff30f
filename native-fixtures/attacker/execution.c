/* Runs another program, or leaves a process behind. */
#include "attacks.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

extern char **environ;

static long ended_well(pid_t pid) {
  int status = -1;
  if (pid < 0) return -errno;
  if (waitpid(pid, &status, 0) != pid) return -errno;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}
static long spawned(const char *program, char *const args[]) {
  pid_t pid;
  int error = posix_spawn(&pid, program, NULL, NULL, args, environ);
  return error != 0 ? -error : ended_well(pid);
}

ATTACK(spawn) {
  char *args[] = {(char *)"true", NULL};
  return spawned("/bin/true", args);
}
ATTACK(shell) {
  int status = system("exit 0");
  return status == 0 ? 0 : status < 0 ? -errno : -EIO;
}
ATTACK(by_loader) {
  char *args[] = {(char *)"ld.so", (char *)"/bin/true", NULL};
  return spawned(access("/lib64/ld-linux-x86-64.so.2", F_OK) == 0 ? "/lib64/ld-linux-x86-64.so.2" : "/lib/ld-linux-aarch64.so.1", args);
}
ATTACK(by_fork) {
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  return ended_well(pid);
}
ATTACK(by_raw_clone) {
  long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  return ended_well((pid_t)pid);
}
ATTACK(by_clone3) {
  uint64_t args[11] = {0, 0, 0, 0, SIGCHLD};
  long pid = syscall(435, args, sizeof args);
  if (pid == 0) _exit(0);
  return ended_well((pid_t)pid);
}
ATTACK(sibling) { /* a child of the host */
  long pid = syscall(SYS_clone, SIGCHLD | CLONE_PARENT, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  return outcome(pid);
}
ATTACK(in_place) {
  char *args[] = {(char *)"none", NULL};
  return reached(execve("/none", args, environ), ENOENT);
}
ATTACK(in_place_again) {
  char *args[] = {(char *)"x", NULL};
  return reached(execve("/proc/self/exe/none", args, environ), ENOTDIR);
}
ATTACK(memory_file) {
  char *args[] = {(char *)"none", NULL};
  int fd = (int)syscall(SYS_memfd_create, "program", 0);
  long result;
  if (fd < 0) return -errno;
  if (write(fd, "not a program", 13) != 13) return -errno;
  result = reached(syscall(SYS_execveat, fd, "", args, environ, AT_EMPTY_PATH), ENOEXEC);
  close(fd);
  return result;
}
ATTACK(survivor) {
  int both[2];
  pid_t pid;
  if (pipe(both) != 0) return -errno;
  pid = fork();
  if (pid < 0) return -errno;
  if (pid == 0) _exit(setsid() < 0 ? 1 : 0);
  close(both[0]);
  close(both[1]);
  return ended_well(pid);
}
ATTACK(leave_group) { return outcome(setpgid(0, getpgid(getppid()))); }
const attack EXECUTION_ATTACKS[] = {
    {"posix_spawn", spawn}, {"a shell", shell}, {"the loader", by_loader}, {"fork", by_fork}, {"clone", by_raw_clone}, {"clone3", by_clone3},
    {"a child of the host", sibling}, {"execve", in_place}, {"execve of Node", in_place_again}, {"execveat of memory", memory_file},
    {"a process of its own session", survivor}, {"the host's group", leave_group}, {NULL, NULL},
};
