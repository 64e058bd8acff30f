import { ALLOW, EACCES, EINVAL, ENOSYS, ENOTTY, EPERM, and, fail, give, ifAnyBit, ifEqual, load, lowWord, type Program } from './bpf.js';
import type { SystemCallName } from './system-calls.js';

/** What the first filter depends on. */
export interface FilterSettings {
  /** Of this process, before and after it becomes another program. */
  readonly pid: number;
  readonly landlockAbi: number;
  readonly mayRun: boolean;
  readonly mayConnect: boolean;
  readonly mayListen: boolean;
}

type Rules = Partial<Record<SystemCallName, Program>>;

const ABI_OF_TRUNCATION = 3;
const ABI_OF_SCOPES = 6;

/** Allows the call if an argument, after `mask`, is one of `values`. Looks at 32 bits: the kernel does too, for these arguments. */
function oneOf(argument: number, values: readonly number[], errno: number = EPERM, mask = 0xffff_ffff): Program {
  const masked = mask === 0xffff_ffff ? [] : [and(mask)];
  return [load(lowWord(argument)), ...masked, ...values.flatMap((value) => ifEqual(value >>> 0, [give(ALLOW)])), give(fail(errno))];
}

/** Allows the call unless an argument has one of the bits. */
const without = (argument: number, bits: number, errno: number = EPERM): Program => [
  load(lowWord(argument)),
  ...ifAnyBit(bits, [give(fail(errno))]),
  give(ALLOW),
];

const refuse = (errno: number): Program => [give(fail(errno))];
const allow: Program = [give(ALLOW)];

const [CLONE_THREAD, CLONE_PARENT] = [0x1_0000, 0x8000];
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NAMESPACES = 0x7e02_0000;

/** Threads, and processes if the plugin may run programs. */
function processRules({ mayRun }: FilterSettings): Rules {
  const flags = load(lowWord(0));
  return {
    // Its flags are behind a pointer. C libraries then use clone.
    clone3: refuse(ENOSYS),
    clone: mayRun
      ? without(0, CLONE_NAMESPACES | CLONE_PARENT)
      : [flags, ...ifAnyBit(CLONE_NAMESPACES, refuse(EPERM)), ...ifAnyBit(CLONE_THREAD, allow), give(fail(EPERM))],
    fork: mayRun ? allow : refuse(EPERM),
    vfork: mayRun ? allow : refuse(EPERM),
    // The second filter refuses these, if the plugin may run nothing. Without setsid and setpgid, what it runs ends with its group.
    execve: allow,
    execveat: allow,
    personality: oneOf(0, [0xffff_ffff]), // asks for the present one
  };
}

/** Signals and limits: of this process only. Also of the programs that it runs, where Landlock keeps signals inside. */
function signalRules({ pid, mayRun, landlockAbi }: FilterSettings): Rules {
  const areSignalsKept = landlockAbi >= ABI_OF_SCOPES;
  const signal = (values: readonly number[]): Program => (mayRun && areSignalsKept ? allow : oneOf(0, values));
  const [IOPRIO_WHO_PROCESS, PRIO_PROCESS] = [1, 0];
  const ofThisProcess = oneOf(0, [0, pid]);
  /** `which` says whether `who` is a process. If it is a user, 0 means all processes of this user. */
  const processOnly = (which: number): Program => [load(lowWord(0)), ...ifEqual(which, oneOf(1, [0, pid])), give(fail(EPERM))];
  return {
    kill: signal([0, pid, -pid]),
    tgkill: signal([pid]),
    tkill: areSignalsKept ? allow : refuse(EPERM),
    rt_sigqueueinfo: signal([pid]),
    rt_tgsigqueueinfo: signal([pid]),
    prlimit64: ofThisProcess,
    sched_setaffinity: ofThisProcess,
    sched_setparam: ofThisProcess,
    sched_setscheduler: ofThisProcess,
    sched_setattr: ofThisProcess,
    setpriority: processOnly(PRIO_PROCESS),
    ioprio_set: processOnly(IOPRIO_WHO_PROCESS),
  };
}

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
/**
 * PR_GET_PDEATHSIG, GET_DUMPABLE, GET_KEEPCAPS, SET_NAME, GET_NAME, GET_SECCOMP, CAPBSET_READ, SET_TIMERSLACK, GET_TIMERSLACK,
 * SET_NO_NEW_PRIVS, GET_NO_NEW_PRIVS, SET_THP_DISABLE, GET_THP_DISABLE, SET_VMA (names of memory).
 */
const PRCTL_OPTIONS = [2, 3, 7, 15, 16, 21, 23, 29, 30, 38, 39, 41, 42, 0x5356_4d41];
/** TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, TCGETS2, FICLONE, FICLONERANGE. */
const IOCTL_REQUESTS = [0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451, 0x802c_542a, 0x4004_9409, 0x4020_940d];
/** F_DUPFD to F_SETLKW, F_OFD_GETLK to F_OFD_SETLKW, F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS. No F_SETOWN: it sends signals. No F_SETLEASE: the host would wait. */
const FCNTL_COMMANDS = [0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032, 1033, 1034];

/** Calls that do one thing of many. */
const manyInOne: Rules = {
  prctl: [load(lowWord(0)), ...ifEqual(PR_SET_PDEATHSIG, oneOf(1, [SIGKILL])), ...oneOf(0, PRCTL_OPTIONS, EINVAL)],
  ioctl: oneOf(1, IOCTL_REQUESTS, ENOTTY),
  fcntl: oneOf(1, FCNTL_COMMANDS, EINVAL),
  seccomp: allow, // for the second filter, which refuses it
  io_uring_setup: refuse(ENOSYS),
  io_uring_enter: refuse(ENOSYS),
  io_uring_register: refuse(ENOSYS),
};

const [O_ACCMODE, O_TRUNC] = [3, 0o1000];

/**
 * Landlock looks at neither modes nor times, so they cannot be changed, not even through a descriptor: a plugin may have it
 * for reading only. It allows the third access mode for every file, since that neither reads nor writes, and before its
 * version 3 it does not look at truncation.
 */
function fileRules({ landlockAbi }: FilterSettings): Rules {
  const seesTruncation = landlockAbi >= ABI_OF_TRUNCATION;
  const open = (flags: number): Program => [
    load(lowWord(flags)),
    and(O_ACCMODE | O_TRUNC),
    ...[O_ACCMODE, O_ACCMODE | O_TRUNC, ...(seesTruncation ? [] : [O_TRUNC])].flatMap((refused) => ifEqual(refused, refuse(EACCES))),
    give(ALLOW),
  ];
  return {
    open: open(1),
    openat: open(2),
    openat2: refuse(ENOSYS), // its flags are behind a pointer
    truncate: seesTruncation ? allow : refuse(EPERM),
    fchmod: refuse(EPERM),
    utimensat: refuse(EPERM),
  };
}

const [AF_UNIX, AF_INET, AF_INET6, SOCK_STREAM, TYPE_BITS, IPPROTO_TCP] = [1, 2, 10, 1, 0xf, 6];
const MSG_FASTOPEN = 0x2000_0000;

/** SOL_SOCKET: REUSEADDR, SNDBUF, RCVBUF, KEEPALIVE, LINGER, REUSEPORT, RCVTIMEO, SNDTIMEO, and the last two with 64-bit times. */
const SOCKET_OPTIONS = [2, 7, 8, 9, 13, 15, 20, 21, 66, 67];
/** IPPROTO_TCP: NODELAY, MAXSEG, CORK, KEEPIDLE, KEEPINTVL, KEEPCNT, QUICKACK, USER_TIMEOUT. */
const TCP_OPTIONS = [1, 2, 3, 4, 5, 6, 12, 18];
const [SOL_SOCKET, IPPROTO_IPV6, IPV6_V6ONLY] = [1, 41, 26];

/** Sockets are TCP, if the plugin may use the network at all, or pairs of streams. Landlock does not look at other kinds. */
function socketRules({ mayConnect, mayListen }: FilterSettings): Rules {
  const hasNetwork = mayConnect || mayListen;
  const tcp: Program = [load(lowWord(1)), and(TYPE_BITS), ...ifEqual(SOCK_STREAM, oneOf(2, [0, IPPROTO_TCP], EACCES)), give(fail(EACCES))];
  const socket: Program = [load(lowWord(0)), ...ifEqual(AF_INET, tcp), ...[load(lowWord(0)), ...ifEqual(AF_INET6, tcp)], give(fail(EACCES))];
  const streams: Program = [load(lowWord(0)), ...ifEqual(AF_UNIX, oneOf(1, [SOCK_STREAM], EACCES, TYPE_BITS)), give(fail(EACCES))];
  const where = (isAllowed: boolean): Program => (isAllowed ? allow : refuse(EACCES));
  return {
    socket: hasNetwork ? socket : refuse(EACCES),
    // A datagram socket of a pair could still send to any path.
    socketpair: streams,
    connect: where(mayConnect),
    // A socket that listens without a port gets one, of which Landlock is not asked.
    bind: where(mayListen),
    listen: where(mayListen),
    accept: where(mayListen),
    accept4: where(mayListen),
    // Connects without `connect`.
    sendto: without(3, MSG_FASTOPEN, EACCES),
    sendmsg: without(2, MSG_FASTOPEN, EACCES),
    sendmmsg: without(3, MSG_FASTOPEN, EACCES),
    setsockopt: [
      load(lowWord(1)),
      ...ifEqual(SOL_SOCKET, oneOf(2, SOCKET_OPTIONS)),
      ...(hasNetwork ? [...ifEqual(IPPROTO_TCP, oneOf(2, TCP_OPTIONS)), ...ifEqual(IPPROTO_IPV6, oneOf(2, [IPV6_V6ONLY]))] : []),
      give(fail(EPERM)),
    ],
  };
}

/** The calls whose arguments matter, or that depend on the grants. */
export const rulesOf = (settings: FilterSettings): Rules => ({
  ...processRules(settings),
  ...signalRules(settings),
  ...manyInOne,
  ...fileRules(settings),
  ...socketRules(settings),
});
