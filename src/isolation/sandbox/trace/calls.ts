import type { PermissionKey } from '../../../report/permissions.js';
import { systemCallsOf, type Architecture, type SystemCallName } from '../system-calls.js';

/** Where a call has a path: the indexes of its arguments. Without `folder`, the path is relative to the current folder. */
interface PathPlace {
  readonly folder?: number;
  readonly path: number;
}

/** What a trace knows of a call. */
export interface TracedCall {
  readonly name: string;
  readonly paths: readonly PathPlace[];
  /** How it reaches its paths; `flags` is the index of its flags. Absent if Landlock does not look at it. */
  readonly access?: 'open' | 'write' | 'run';
  readonly flags?: number;
  /** The argument that is an address. */
  readonly port?: number;
  /** The permission to ask for, if the call is denied by a filter. */
  readonly key?: PermissionKey;
}

const at = (path: number, folder?: number): PathPlace => ({ path, ...(folder !== undefined && { folder }) });

/** Calls with paths that Landlock decides about. */
const PATH_CALLS = {
  open: { paths: [at(0)], access: 'open', flags: 1 },
  openat: { paths: [at(1, 0)], access: 'open', flags: 2 },
  creat: { paths: [at(0)], access: 'write' },
  truncate: { paths: [at(0)], access: 'write' },
  mkdir: { paths: [at(0)], access: 'write' },
  mkdirat: { paths: [at(1, 0)], access: 'write' },
  rmdir: { paths: [at(0)], access: 'write' },
  unlink: { paths: [at(0)], access: 'write' },
  unlinkat: { paths: [at(1, 0)], access: 'write' },
  rename: { paths: [at(0), at(1)], access: 'write' },
  renameat: { paths: [at(1, 0), at(3, 2)], access: 'write' },
  renameat2: { paths: [at(1, 0), at(3, 2)], access: 'write' },
  link: { paths: [at(0), at(1)], access: 'write' },
  linkat: { paths: [at(1, 0), at(3, 2)], access: 'write' },
  symlink: { paths: [at(1)], access: 'write' },
  symlinkat: { paths: [at(2, 1)], access: 'write' },
  mknod: { paths: [at(0)], access: 'write' },
  mknodat: { paths: [at(1, 0)], access: 'write' },
  execve: { paths: [at(0)], access: 'run', key: 'run' },
  execveat: { paths: [at(1, 0)], access: 'run', key: 'run' },
} as const satisfies Partial<Record<SystemCallName, Omit<TracedCall, 'name'>>>;

/** Calls that filters deny, with what would allow them. */
const FILTERED = {
  socket: { key: 'connect' }, connect: { key: 'connect', port: 1 }, bind: { key: 'listen', port: 1 }, listen: { key: 'listen' }, accept: { key: 'listen' }, accept4: { key: 'listen' },
  clone: { key: 'run' }, fork: { key: 'run' }, vfork: { key: 'run' }, utimensat: { paths: [at(1, 0)] },
} as const satisfies Partial<Record<SystemCallName, Omit<TracedCall, 'name' | 'paths'> & { readonly paths?: readonly PathPlace[] }>>;

/** Calls that are always denied and that the sandbox has no rule for: their numbers [x64, arm64], and where they have a path. */
export const UNKNOWN_CALLS = {
  chmod: [90, -1, at(0)], fchmodat: [268, 53, at(1, 0)], chown: [92, -1, at(0)], lchown: [94, -1, at(0)], fchown: [93, 55], fchownat: [260, 54, at(1, 0)],
  utime: [132, -1, at(0)], utimes: [235, -1, at(0)], futimesat: [261, -1, at(1, 0)], setxattr: [188, 5, at(0)], lsetxattr: [189, 6, at(0)], fsetxattr: [190, 7],
  getxattr: [191, 8, at(0)], lgetxattr: [192, 9, at(0)], fgetxattr: [193, 10], listxattr: [194, 11, at(0)], removexattr: [197, 14, at(0)], chroot: [161, 51, at(0)],
  inotify_init: [253, -1], inotify_init1: [294, 26], inotify_add_watch: [254, 27, at(1)], fanotify_init: [300, 262], shmget: [29, 194], shmat: [30, 196], semget: [64, 190],
  msgget: [68, 186], mq_open: [240, 180, at(0)], ptrace: [101, 117], process_vm_writev: [311, 271], mount: [165, 40], unshare: [272, 97], setns: [308, 268], bpf: [321, 280],
  perf_event_open: [298, 241], userfaultfd: [323, 282], add_key: [248, 217], keyctl: [250, 219], setuid: [105, 146], setgid: [106, 144], setgroups: [116, 159],
  kcmp: [312, 272], pidfd_send_signal: [424, 424], mbind: [237, 235], set_mempolicy: [238, 237], vmsplice: [278, 75], splice: [275, 76], tee: [276, 77],
} as const satisfies Readonly<Record<string, readonly [x64: number, arm64: number, path?: PathPlace]>>;

type Known = Partial<Record<string, Omit<TracedCall, 'name' | 'paths'> & { readonly paths?: readonly PathPlace[] }>>;

/** The calls of a processor by number. */
export function tracedCalls(architecture: Architecture): Readonly<Record<number, TracedCall>> {
  const numbers = systemCallsOf(architecture);
  const column = architecture === 'x64' ? 0 : 1;
  const known: Known = { ...FILTERED, ...PATH_CALLS };
  const calls: [number, TracedCall][] = [];
  for (const [name, row] of Object.entries<readonly [number, number, PathPlace?]>(UNKNOWN_CALLS)) calls.push([row[column], { name, paths: row[2] === undefined ? [] : [row[2]] }]);
  for (const [name, number] of Object.entries(numbers)) calls.push([number, { paths: [], ...known[name], name }]);
  return Object.fromEntries(calls.filter(([number]) => number >= 0));
}

/** The numbers of the calls that wait for the host although filters allow them: Landlock or the host may deny them. */
export const askedCallNumbers = (architecture: Architecture): readonly number[] =>
  ([...Object.keys(PATH_CALLS), 'connect'] as SystemCallName[]).map((name) => systemCallsOf(architecture)[name]).filter((number) => number >= 0);
