/**
 * The numbers of Linux' system calls: [x64, arm64], -1 where there is none. From the kernel's headers: asm/unistd_64.h and
 * asm-generic/unistd.h. A test compares them with the headers of the machine.
 */
type Numbers = Readonly<Record<string, readonly [x64: number, arm64: number]>>;

/** Calls that are allowed with any arguments: they reach only what the process has, or what Landlock checks. */
export const ALLOWED = {
  // Files, by descriptor
  read: [0, 63], write: [1, 64], pread64: [17, 67], pwrite64: [18, 68], readv: [19, 65], writev: [20, 66], preadv: [295, 69], pwritev: [296, 70],
  preadv2: [327, 286], pwritev2: [328, 287], close: [3, 57], close_range: [436, 436], lseek: [8, 62], fstat: [5, 80], fstatfs: [138, 44],
  fsync: [74, 82], fdatasync: [75, 83], sync_file_range: [277, 84], fadvise64: [221, 223], readahead: [187, 213], fallocate: [285, 47],
  ftruncate: [77, 46], flock: [73, 32], getdents: [78, -1], getdents64: [217, 61], dup: [32, 23], dup2: [33, -1], dup3: [292, 24],
  sendfile: [40, 71], copy_file_range: [326, 285], fchdir: [81, 50], umask: [95, 166], memfd_create: [319, 279],
  // Files, by path
  creat: [85, -1], stat: [4, -1], lstat: [6, -1], newfstatat: [262, 79], statx: [332, 291],
  statfs: [137, 43], access: [21, -1], faccessat: [269, 48], faccessat2: [439, 439], readlink: [89, -1], readlinkat: [267, 78], getcwd: [79, 17],
  chdir: [80, 49], mkdir: [83, -1], mkdirat: [258, 34], rmdir: [84, -1], unlink: [87, -1], unlinkat: [263, 35], rename: [82, -1], renameat: [264, 38],
  renameat2: [316, 276], link: [86, -1], linkat: [265, 37], symlink: [88, -1], symlinkat: [266, 36], mknod: [133, -1], mknodat: [259, 33],
  // Memory
  mmap: [9, 222], munmap: [11, 215], mprotect: [10, 226], mremap: [25, 216], brk: [12, 214], madvise: [28, 233], msync: [26, 227], mincore: [27, 232],
  mlock: [149, 228], mlock2: [325, 284], munlock: [150, 229], mlockall: [151, 230], munlockall: [152, 231], membarrier: [324, 283],
  pkey_mprotect: [329, 288], pkey_alloc: [330, 289], pkey_free: [331, 290], get_mempolicy: [239, 236],
  // Threads
  futex: [202, 98], futex_waitv: [449, 449], set_robust_list: [273, 99], set_tid_address: [218, 96], rseq: [334, 293], gettid: [186, 178],
  sched_yield: [24, 124], sched_getaffinity: [204, 123], sched_getparam: [143, 121], sched_getscheduler: [145, 120], sched_getattr: [315, 275],
  sched_get_priority_max: [146, 125], sched_get_priority_min: [147, 126], sched_rr_get_interval: [148, 127], getcpu: [309, 168],
  arch_prctl: [158, -1], exit: [60, 93], exit_group: [231, 94], restart_syscall: [219, 128],
  // Signals
  rt_sigaction: [13, 134], rt_sigprocmask: [14, 135], rt_sigreturn: [15, 139], rt_sigpending: [127, 136], rt_sigtimedwait: [128, 137],
  rt_sigsuspend: [130, 133], sigaltstack: [131, 132], signalfd: [282, -1], signalfd4: [289, 74], pause: [34, -1], alarm: [37, -1],
  getitimer: [36, 102], setitimer: [38, 103], timer_create: [222, 107], timer_settime: [223, 110], timer_gettime: [224, 108],
  timer_getoverrun: [225, 109], timer_delete: [226, 111],
  // Waiting
  poll: [7, -1], ppoll: [271, 73], select: [23, -1], pselect6: [270, 72], epoll_create: [213, -1], epoll_create1: [291, 20], epoll_ctl: [233, 21],
  epoll_wait: [232, -1], epoll_pwait: [281, 22], epoll_pwait2: [441, 441], eventfd: [284, -1], eventfd2: [290, 19], timerfd_create: [283, 85],
  timerfd_settime: [286, 86], timerfd_gettime: [287, 87], pipe: [22, -1], pipe2: [293, 59], nanosleep: [35, 101], clock_nanosleep: [230, 115],
  // Facts
  getpid: [39, 172], getppid: [110, 173], getuid: [102, 174], geteuid: [107, 175], getgid: [104, 176], getegid: [108, 177], getresuid: [118, 148],
  getresgid: [120, 150], getgroups: [115, 158], getpgid: [121, 155], getpgrp: [111, -1], getsid: [124, 156], getpriority: [140, 141],
  ioprio_get: [252, 31], getrlimit: [97, 163], setrlimit: [160, 164], getrusage: [98, 165], times: [100, 153], time: [201, -1],
  gettimeofday: [96, 169], clock_gettime: [228, 113], clock_getres: [229, 114], uname: [63, 160], sysinfo: [99, 179], capget: [125, 90],
  getrandom: [318, 278], wait4: [61, 260], waitid: [247, 95],
  // Sockets that the process has
  recvfrom: [45, 207], recvmsg: [47, 212], recvmmsg: [299, 243], shutdown: [48, 210], getsockname: [51, 204], getpeername: [52, 205],
  getsockopt: [55, 209],
} as const satisfies Numbers;

/** Calls with rules of their own (rules.ts), and those that this package makes itself. */
const OTHERS = {
  clone: [56, 220], clone3: [435, 435], fork: [57, -1], vfork: [58, -1], execve: [59, 221], execveat: [322, 281], setsid: [112, 157],
  setpgid: [109, 154], prctl: [157, 167], ioctl: [16, 29], fcntl: [72, 25], kill: [62, 129], tkill: [200, 130], tgkill: [234, 131],
  rt_sigqueueinfo: [129, 138], rt_tgsigqueueinfo: [297, 240], prlimit64: [302, 261], sched_setaffinity: [203, 122], sched_setparam: [142, 118],
  sched_setscheduler: [144, 119], sched_setattr: [314, 274], setpriority: [141, 140], ioprio_set: [251, 30], personality: [135, 92],
  open: [2, -1], openat: [257, 56], fchmod: [91, 52], utimensat: [280, 88], openat2: [437, 437], truncate: [76, 45], socket: [41, 198], socketpair: [53, 199], connect: [42, 203], bind: [49, 200], listen: [50, 201], accept: [43, 202],
  accept4: [288, 242], sendto: [44, 206], sendmsg: [46, 211], sendmmsg: [307, 269], setsockopt: [54, 208], seccomp: [317, 277],
  io_uring_setup: [425, 425], io_uring_enter: [426, 426], io_uring_register: [427, 427], capset: [126, 91],
  pidfd_open: [434, 434], pidfd_getfd: [438, 438], process_vm_readv: [310, 270],
  landlock_create_ruleset: [444, 444], landlock_add_rule: [445, 445], landlock_restrict_self: [446, 446],
} as const satisfies Numbers;

/** Later calls are answered as if the kernel did not have them. */
export const LAST_SYSTEM_CALL = 450;

export type SystemCallName = keyof typeof ALLOWED | keyof typeof OTHERS;

/** The processors that the sandbox has a table for. */
export type Architecture = 'x64' | 'arm64';

const COLUMN: Readonly<Record<Architecture, 0 | 1>> = { x64: 0, arm64: 1 };

/** The numbers for a processor; -1 where there is none. */
export const systemCallsOf = (architecture: Architecture): Readonly<Record<SystemCallName, number>> =>
  Object.fromEntries(Object.entries<readonly [number, number]>({ ...ALLOWED, ...OTHERS }).map(([name, numbers]) => [name, numbers[COLUMN[architecture]]])) as Record<
    SystemCallName,
    number
  >;

/** The processor of this process, if the sandbox has a table for it. */
export const ARCHITECTURE = process.platform === 'linux' && process.arch in COLUMN ? (process.arch as Architecture) : undefined;

/** The numbers for this process; `undefined` on other systems and processors. */
export const SYSTEM_CALLS = ARCHITECTURE === undefined ? undefined : systemCallsOf(ARCHITECTURE);
