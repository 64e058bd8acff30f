/* Signals, traces, limits or slows another process of this user. */
#include "attacks.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { HARMLESS = SIGWINCH, NOBODY = 54322 };

static siginfo_t queued(void) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = HARMLESS;
  info.si_code = SI_QUEUE;
  return info;
}
static long with_pidfd(const target *t, long (*run)(int pidfd)) {
  int fd = (int)syscall(434, t->pid, 0);
  long result = fd < 0 ? -errno : run(fd);
  if (fd >= 0) close(fd);
  return result;
}
static long signal_by(int pidfd) { return CALL(424, pidfd, HARMLESS, NULL, 0); }
static long descriptor_by(int pidfd) {
  long fd = syscall(438, pidfd, 0, 0);
  return fd < 0 ? -errno : outcome(close((int)fd));
}
static long advise_by(int pidfd) {
  struct iovec part = {NULL, 0};
  return CALL(440, pidfd, &part, 1, 20 /* MADV_COLD */, 0);
}
static long release_by(int pidfd) { return reached(syscall(448, pidfd, 0), EINVAL); }

ATTACK(by_kill) { return outcome(kill(t->pid, HARMLESS)); }
ATTACK(by_kill_all) { return outcome(kill(-1, 0)); }
ATTACK(by_kill_group) { return outcome(kill(-t->pid, HARMLESS)); }
ATTACK(by_kill_parent) { return outcome(kill(getppid(), 0)); }
ATTACK(by_tkill) { return CALL(SYS_tkill, t->pid, HARMLESS); }
ATTACK(by_tgkill) { return CALL(SYS_tgkill, t->pid, t->pid, HARMLESS); }
ATTACK(by_queue) {
  siginfo_t info = queued();
  return CALL(SYS_rt_sigqueueinfo, t->pid, HARMLESS, &info);
}
ATTACK(by_thread_queue) {
  siginfo_t info = queued();
  return CALL(SYS_rt_tgsigqueueinfo, t->pid, t->pid, HARMLESS, &info);
}
ATTACK(by_pidfd) { return with_pidfd(t, signal_by); }
static long own(int command, const void *owner, int number) {
  int both[2];
  long result;
  if (pipe(both) != 0) return -errno;
  result = owner == NULL ? outcome(fcntl(both[0], command, number)) : outcome(fcntl(both[0], command, owner));
  close(both[0]);
  close(both[1]);
  return result;
}
ATTACK(by_owner) { return own(F_SETOWN, NULL, t->pid); }
ATTACK(by_owner_ex) {
  struct {
    int type, pid;
  } owner = {1, 0};
  owner.pid = t->pid;
  return own(15 /* F_SETOWN_EX */, &owner, 0);
}
ATTACK(by_signal_of_descriptor) { return own(10 /* F_SETSIG */, NULL, HARMLESS); }
static long own_socket(const target *t, unsigned long request) {
  int both[2], pid = t->pid;
  long result;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, both) != 0) return -errno;
  result = outcome(ioctl(both[0], request, &pid));
  close(both[0]);
  close(both[1]);
  return result;
}
ATTACK(by_socket_owner) { return own_socket(t, 0x8901); }
ATTACK(by_socket_group) { return own_socket(t, 0x8902); }
ATTACK(by_death_signal) {
  long result = outcome(prctl(PR_SET_PDEATHSIG, HARMLESS));
  if (result == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
  return result;
}
ATTACK(trace) {
  long result = outcome(ptrace(PTRACE_SEIZE, t->pid, 0, 0));
  if (result == 0) ptrace(PTRACE_INTERRUPT, t->pid, 0, 0);
  if (result == 0) waitpid(t->pid, NULL, __WALL);
  if (result == 0) ptrace(PTRACE_DETACH, t->pid, 0, 0);
  return result;
}
ATTACK(read_memory) {
  char byte;
  struct iovec here = {&byte, 1}, there = {NULL, 1};
  return reached(process_vm_readv(t->pid, &here, 1, &there, 1, 0), EFAULT);
}
ATTACK(write_memory) {
  char byte = 0;
  struct iovec here = {&byte, 1}, there = {NULL, 1};
  return reached(process_vm_writev(t->pid, &here, 1, &there, 1, 0), EFAULT);
}
ATTACK(compare) { return CALL(SYS_kcmp, getpid(), t->pid, 1 /* KCMP_VM */, 0, 0); }
ATTACK(take_descriptor) { return with_pidfd(t, descriptor_by); }
ATTACK(advise) { return with_pidfd(t, advise_by); }
ATTACK(release_memory) { return with_pidfd(t, release_by); }
ATTACK(read_robust_list) {
  void *head;
  size_t length;
  return CALL(SYS_get_robust_list, t->pid, &head, &length);
}
ATTACK(move_memory) { return CALL(SYS_move_pages, t->pid, 0, NULL, NULL, NULL, 0); }
ATTACK(migrate_memory) {
  unsigned long nodes = 1;
  return CALL(SYS_migrate_pages, t->pid, 2, &nodes, &nodes);
}
ATTACK(limit) {
  struct rlimit now;
  if (syscall(SYS_prlimit64, t->pid, RLIMIT_CPU, NULL, &now) != 0) return -errno;
  return CALL(SYS_prlimit64, t->pid, RLIMIT_CPU, &now, NULL);
}
ATTACK(read_limits) {
  struct rlimit now;
  return CALL(SYS_prlimit64, t->pid, RLIMIT_CPU, NULL, &now);
}
ATTACK(slow) { return outcome(setpriority(PRIO_PROCESS, (id_t)t->pid, 19)); }
ATTACK(slow_group) { return outcome(setpriority(PRIO_PGRP, (id_t)t->pid, 19)); }
ATTACK(slow_user) { return reached(setpriority(PRIO_USER, NOBODY, 19), ESRCH); }
ATTACK(slow_disk) { return CALL(SYS_ioprio_set, 1, t->pid, 3 << 13); }
ATTACK(slow_disk_of_user) { return reached(syscall(SYS_ioprio_set, 3, NOBODY, 3 << 13), ESRCH); }
ATTACK(pin_to_processor) {
  cpu_set_t set;
  if (sched_getaffinity(t->pid, sizeof set, &set) != 0) return -errno;
  return outcome(sched_setaffinity(t->pid, sizeof set, &set));
}
ATTACK(schedule) {
  struct sched_param none;
  memset(&none, 0, sizeof none);
  return outcome(sched_setscheduler(t->pid, SCHED_OTHER, &none));
}
ATTACK(schedule_parameters) {
  struct sched_param none;
  memset(&none, 0, sizeof none);
  return outcome(sched_setparam(t->pid, &none));
}
ATTACK(schedule_attributes) {
  unsigned attributes[12] = {48};
  return CALL(SYS_sched_setattr, t->pid, attributes, 0);
}

const attack PROCESS_ATTACKS[] = {
    {"kill", by_kill}, {"kill everything", by_kill_all}, {"kill a group", by_kill_group}, {"kill the host", by_kill_parent}, {"tkill", by_tkill}, {"tgkill", by_tgkill},
    {"rt_sigqueueinfo", by_queue}, {"rt_tgsigqueueinfo", by_thread_queue}, {"pidfd_send_signal", by_pidfd}, {"signal by the owner of a descriptor", by_owner},
    {"signal by F_SETOWN_EX", by_owner_ex}, {"choose the signal of a descriptor", by_signal_of_descriptor}, {"signal by FIOSETOWN", by_socket_owner},
    {"signal by SIOCSPGRP", by_socket_group}, {"another signal at the end of the host", by_death_signal}, {"ptrace", trace},
    {"process_vm_readv", read_memory}, {"process_vm_writev", write_memory}, {"kcmp", compare}, {"pidfd_getfd", take_descriptor}, {"process_madvise", advise},
    {"process_mrelease", release_memory}, {"get_robust_list", read_robust_list}, {"move_pages", move_memory}, {"migrate_pages", migrate_memory},
    {"limit the CPU time", limit}, {"read the limits", read_limits}, {"setpriority", slow}, {"setpriority of a group", slow_group},
    {"setpriority of a user", slow_user}, {"ioprio_set", slow_disk}, {"ioprio_set of a user", slow_disk_of_user},
    {"sched_setaffinity", pin_to_processor}, {"sched_setscheduler", schedule}, {"sched_setparam", schedule_parameters}, {"sched_setattr", schedule_attributes}, {NULL, NULL},
};
