/* Parts of the kernel that a plugin has no use for. Arguments are wrong where the call would change the machine. */
#include "attacks.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

static unsigned char zeros[4096];

static long descriptor(long fd) { return fd < 0 ? -errno : outcome(close((int)fd)); }

ATTACK(uring) { return descriptor(syscall(425, 1, memset(zeros, 0, sizeof zeros))); }
ATTACK(uring_enter) { return reached(syscall(426, -1, 0, 0, 0, NULL, 0), EBADF); }
ATTACK(uring_register) { return reached(syscall(427, -1, 1000, NULL, 0), EINVAL); }
ATTACK(page_faults) { return descriptor(syscall(SYS_userfaultfd, 1 /* user mode only */)); }
ATTACK(bpf) { return reached(syscall(SYS_bpf, 1000, zeros, 0), EINVAL); }
ATTACK(perf) {
  memset(zeros, 0, sizeof zeros);
  zeros[0] = 1; /* software: the CPU clock of this process */
  zeros[4] = 112;
  zeros[40] = 0x60; /* without kernel and hypervisor */
  return descriptor(syscall(SYS_perf_event_open, zeros, 0, -1, -1, 0));
}
ATTACK(new_namespace) { return reached(syscall(SYS_unshare, 0x40000000 | 1), EINVAL); }
ATTACK(new_user) { return reached(syscall(SYS_unshare, CLONE_NEWUSER), EINVAL); } /* EINVAL: this process has threads */
ATTACK(enter_namespace) { return reached(syscall(SYS_setns, -1, 0), EBADF); }
ATTACK(clone_namespace) {
  long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  return outcome(pid);
}
ATTACK(mount_any) { return reached(syscall(SYS_mount, "none", t->data, "no-such-type", 0, NULL), ENODEV); }
ATTACK(unmount) { return reached(syscall(SYS_umount2, t->folder, 0), EINVAL); }
ATTACK(pivot) { return reached(syscall(SYS_pivot_root, t->secret, t->secret), ENOTDIR); }
ATTACK(open_mount) { return descriptor(syscall(428, AT_FDCWD, t->folder, 0)); }
ATTACK(open_file_system) { return reached(syscall(430, "no-such-type", 0), ENODEV); }
ATTACK(make_mount) { return reached(syscall(432, -1, 0, 0), EBADF); }
ATTACK(move_mount_any) { return reached(syscall(429, AT_FDCWD, t->secret, AT_FDCWD, t->folder, 0), EINVAL); }
ATTACK(set_mount) { return reached(syscall(442, -1, "", 0, zeros, 0), EINVAL); }
ATTACK(change_root) { return reached(syscall(SYS_chroot, t->secret), ENOTDIR); }
ATTACK(load_module) { return reached(syscall(SYS_init_module, zeros, 0, ""), ENOEXEC); }
ATTACK(load_module_file) { return reached(syscall(SYS_finit_module, -1, "", 0), EBADF); }
ATTACK(unload_module) { return reached(syscall(SYS_delete_module, "no_such_module", O_NONBLOCK), ENOENT); }
ATTACK(load_kernel) { return reached(syscall(SYS_kexec_load, 0, 1000, NULL, 0), EINVAL); }
ATTACK(restart) { return reached(syscall(SYS_reboot, 0, 0, 0, NULL), EINVAL); }
ATTACK(swap_on) { return reached(syscall(SYS_swapon, "/none", 0), ENOENT); }
ATTACK(swap_off) { return reached(syscall(SYS_swapoff, "/none"), ENOENT); }
ATTACK(rename_machine) { return reached(syscall(SYS_sethostname, "", -1), EINVAL); }
ATTACK(set_time) {
  long wrong[2] = {0, -1};
  return reached(syscall(SYS_settimeofday, wrong, NULL), EINVAL);
}
ATTACK(set_clock) {
  long wrong[2] = {0, -1};
  return reached(syscall(SYS_clock_settime, 0, wrong), EINVAL);
}
ATTACK(adjust_clock) { return CALL(SYS_adjtimex, memset(zeros, 0, sizeof zeros)); }
ATTACK(account) { return reached(syscall(SYS_acct, "/none"), ENOENT); }
ATTACK(read_log) { return CALL(SYS_syslog, 10 /* its size */, NULL, 0); }
ATTACK(quota) { return reached(syscall(SYS_quotactl, 0x80000100, NULL, 0, NULL), ESRCH); }
ATTACK(personality_of_old) { return CALL(SYS_personality, 0x0040000 /* no random addresses */); }
ATTACK(secret_memory) { return descriptor(syscall(447, 0)); }
ATTACK(splice_pipes) {
  int both[2];
  if (pipe(both) != 0) return -errno;
  zeros[0] = 0;
  {
    long result = reached(syscall(SYS_tee, both[0], both[0], 1, 0), EBADF);
    long own = result == 0 ? 0 : reached(syscall(SYS_splice, both[0], NULL, both[0], NULL, 1, 2), EBADF);
    close(both[0]);
    close(both[1]);
    return own;
  }
}
ATTACK(map_into_pipe) {
  int both[2];
  struct {
    void *at;
    size_t length;
  } part = {zeros, 1};
  long result;
  if (pipe(both) != 0) return -errno;
  result = CALL(SYS_vmsplice, both[1], &part, 1, 0);
  close(both[0]);
  close(both[1]);
  return result;
}
ATTACK(change_memory_layout) {
  unsigned size;
  return outcome(prctl(35 /* PR_SET_MM */, 15 /* the size of its struct */, &size, 0, 0));
}
ATTACK(be_undumpable) {
  long result = outcome(prctl(PR_SET_DUMPABLE, 0));
  if (result == 0) prctl(PR_SET_DUMPABLE, 1);
  return result;
}
ATTACK(own_filter) { return reached(syscall(SYS_seccomp, 1, 0, NULL), EFAULT); }
ATTACK(own_filter_by_prctl) { return reached(prctl(22, 2, NULL), EFAULT); }
ATTACK(gain_capabilities) {
  struct __user_cap_header_struct header = {0x20080522, 0};
  struct __user_cap_data_struct now[2];
  if (syscall(SYS_capget, &header, now) != 0) return -errno;
  now[0].permitted = now[0].effective = now[0].permitted | 1;
  return CALL(SYS_capset, &header, now);
}
ATTACK(become_user) { return CALL(SYS_setuid, getuid()); }
ATTACK(old_files) {
  unsigned long context = 0;
  return CALL(SYS_io_setup, 1, &context);
}
ATTACK(remap) { return reached(syscall(SYS_remap_file_pages, 1, 1, 1, 0, 0), EINVAL); }
ATTACK(kernel_page_cache) { return reached(syscall(451, -1, zeros, zeros, 0), EBADF); }
ATTACK(list_mounts) { return reached(syscall(458, zeros, zeros, 0, 0), EINVAL); }
ATTACK(later_call) { return reached(syscall(1000), ENOSYS) == 0 ? -ENOSYS : 0; }

#if defined(__x86_64__)
ATTACK(ports) { return CALL(SYS_ioperm, 0x80, 1, 0); }
ATTACK(all_ports) { return CALL(SYS_iopl, 0); }
ATTACK(descriptor_table) { return CALL(SYS_modify_ldt, 0, zeros, 8); }
/* Ends the process inside. */
ATTACK(old_abi) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid */) : "memory", "r8", "r9", "r10", "r11");
  return result == getpid() ? 0 : -ENOSYS;
}
ATTACK(third_abi) { return syscall(0x40000000 + SYS_getpid) == getpid() ? 0 : -errno; }
#endif

const attack KERNEL_ATTACKS[] = {
    {"io_uring_setup", uring}, {"io_uring_enter", uring_enter}, {"io_uring_register", uring_register}, {"userfaultfd", page_faults}, {"bpf", bpf},
    {"perf_event_open", perf}, {"unshare", new_namespace}, {"unshare of users", new_user}, {"setns", enter_namespace}, {"clone with a namespace", clone_namespace},
    {"mount", mount_any}, {"umount2", unmount}, {"pivot_root", pivot}, {"open_tree", open_mount}, {"fsopen", open_file_system}, {"fsmount", make_mount},
    {"move_mount", move_mount_any}, {"mount_setattr", set_mount}, {"chroot", change_root}, {"init_module", load_module}, {"finit_module", load_module_file},
    {"delete_module", unload_module}, {"kexec_load", load_kernel}, {"reboot", restart}, {"swapon", swap_on}, {"swapoff", swap_off}, {"sethostname", rename_machine},
    {"settimeofday", set_time}, {"clock_settime", set_clock}, {"adjtimex", adjust_clock}, {"acct", account}, {"syslog", read_log}, {"quotactl", quota},
    {"personality", personality_of_old}, {"memfd_secret", secret_memory}, {"splice", splice_pipes}, {"vmsplice", map_into_pipe}, {"PR_SET_MM", change_memory_layout},
    {"PR_SET_DUMPABLE", be_undumpable}, {"seccomp", own_filter}, {"PR_SET_SECCOMP", own_filter_by_prctl}, {"capset", gain_capabilities}, {"setuid", become_user},
    {"io_setup", old_files}, {"remap_file_pages", remap}, {"cachestat", kernel_page_cache}, {"listmount", list_mounts}, {"a later call", later_call},
#if defined(__x86_64__)
    {"ioperm", ports}, {"iopl", all_ports}, {"modify_ldt", descriptor_table}, {"x32", third_abi}, {"int 0x80", old_abi},
#endif
    {NULL, NULL},
};
