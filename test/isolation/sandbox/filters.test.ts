import { describe, expect, test } from '@jest/globals';
import { connectFilter, firstFilter, secondFilter } from '../../../src/isolation/sandbox/filters.js';
import type { FilterSettings } from '../../../src/isolation/sandbox/rules.js';
import { ALLOWED, LAST_SYSTEM_CALL, systemCallsOf, type Architecture, type SystemCallName } from '../../../src/isolation/sandbox/system-calls.js';
import { problemsOf, runFilter } from './interpreter.js';

const AUDIT: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };
const PID = 4711;
const NOTHING: FilterSettings = { pid: PID, landlockAbi: 7, mayRun: false, mayConnect: false, mayListen: false };
const [ALLOW, KILL] = [0x7fff0000, 0x80000000];
const [EPERM, EACCES, EINVAL, ENOTTY, ENOSYS] = [1, 13, 22, 25, 38].map((errno) => 0x50000 + errno) as [number, number, number, number, number];

type Args = readonly (number | bigint)[];

/** The filters of arm64 are run by this interpreter alone: the suite does not run on that processor. */
describe.each(['x64', 'arm64'] as const)('the filters of %s', (architecture) => {
  const numbers = systemCallsOf(architecture);
  const result = (name: SystemCallName, args: Args, settings: Partial<FilterSettings> = {}): number =>
    runFilter(firstFilter(architecture, { ...NOTHING, ...settings }), { number: numbers[name], architecture: AUDIT[architecture], args });
  const ofNumber = (number: number, audit = AUDIT[architecture]): number => runFilter(firstFilter(architecture, NOTHING), { number, architecture: audit });

  test('are what the kernel accepts, with every setting', () => {
    for (let bits = 0; bits < 64; bits++) {
      const [mayRun, mayConnect, mayListen] = [1, 2, 4].map((bit) => (bits & bit) !== 0) as [boolean, boolean, boolean];
      expect(problemsOf(firstFilter(architecture, { pid: PID, landlockAbi: bits >> 3, mayRun, mayConnect, mayListen }))).toEqual([]);
    }
    for (const mayRun of [true, false]) expect(problemsOf(secondFilter(architecture, mayRun))).toEqual([]);
  });

  test('allow what is in the list, and nothing that is not', () => {
    const listed = new Set(Object.values(numbers));
    for (const name of Object.keys(ALLOWED) as (keyof typeof ALLOWED)[]) if (numbers[name] >= 0) expect(result(name, [])).toBe(ALLOW);
    for (let number = 0; number <= LAST_SYSTEM_CALL; number++) if (!listed.has(number)) expect(ofNumber(number)).toBe(EPERM);
  });

  test('answer later calls as an older kernel would, and end a process that uses another ABI', () => {
    for (const number of [LAST_SYSTEM_CALL + 1, 469, 999, 0x3fffffff]) expect(ofNumber(number)).toBe(ENOSYS);
    expect(ofNumber(1, 0x40000003)).toBe(KILL); // AUDIT_ARCH_I386
    expect(ofNumber(0x40000000 + 1)).toBe(KILL); // x32
    expect(ofNumber(-1)).toBe(KILL);
  });

  const refused: readonly [SystemCallName, Args, number, Partial<FilterSettings>?][] = [
    ['clone', [0x11], EPERM],
    ['clone', [0x50f00 & ~0x10000], EPERM],
    ['clone', [0x3d0f00 | 0x10000000], EPERM],
    ['clone', [0x11 | 0x10000000], EPERM, { mayRun: true }],
    ['clone', [0x11 | 0x8000], EPERM, { mayRun: true }],
    ['clone3', [], ENOSYS],
    ['clone3', [], ENOSYS, { mayRun: true }],
    ['fork', [], EPERM],
    ['vfork', [], EPERM],
    ['setsid', [], EPERM, { mayRun: true }],
    ['setpgid', [0, 0], EPERM, { mayRun: true }],
    ['kill', [PID + 1, 0], EPERM],
    ['kill', [-1, 9], EPERM],
    ['kill', [1, 9], EPERM],
    ['kill', [PID + 1, 9], EPERM, { mayRun: true, landlockAbi: 5 }],
    ['tgkill', [PID + 1, PID + 1, 9], EPERM],
    ['tkill', [PID, 9], EPERM, { landlockAbi: 5 }],
    ['rt_sigqueueinfo', [PID - 1, 9], EPERM],
    ['rt_tgsigqueueinfo', [PID - 1, PID - 1, 9], EPERM],
    ['prlimit64', [PID - 1, 0], EPERM],
    ['sched_setaffinity', [PID - 1], EPERM],
    ['sched_setscheduler', [1], EPERM],
    ['setpriority', [0, PID - 1, 19], EPERM],
    ['setpriority', [2, 0, 19], EPERM], // all processes of this user
    ['setpriority', [1, 0, 19], EPERM],
    ['ioprio_set', [3, 0, 0], EPERM],
    ['personality', [0], EPERM],
    ['personality', [0x40000], EPERM],
    ['prctl', [1, 15], EPERM],
    ['prctl', [4, 0], EINVAL],
    ['prctl', [22, 2], EINVAL],
    ['prctl', [35, 1], EINVAL],
    ['ioctl', [0, 0x5412], ENOTTY],
    ['ioctl', [0, 0x541c], ENOTTY],
    ['ioctl', [0, 0x8901], ENOTTY],
    ['ioctl', [0, 0x40086602], ENOTTY], // FS_IOC_SETFLAGS
    ['fcntl', [0, 8, 1], EINVAL],
    ['fcntl', [0, 10, 1], EINVAL],
    ['fcntl', [0, 15, 1], EINVAL],
    ['fcntl', [0, 1024, 0], EINVAL],
    ['fcntl', [0, 1026, 0], EINVAL],
    ['open', [0, 3], EACCES],
    ['openat', [-100, 0, 3], EACCES],
    ['openat', [-100, 0, 0o1003], EACCES],
    ['openat', [-100, 0, 0o1000], EACCES, { landlockAbi: 2 }],
    ['openat2', [], ENOSYS],
    ['truncate', [0, 0], EPERM, { landlockAbi: 2 }],
    ['fchmod', [3, 0o777], EPERM],
    ['utimensat', [3, 0, 0], EPERM],
    ['socket', [2, 1, 0], EACCES],
    ['socket', [1, 1, 0], EACCES],
    ['socket', [2, 2, 0], EACCES, { mayConnect: true }],
    ['socket', [2, 3, 0], EACCES, { mayConnect: true }],
    ['socket', [2, 1, 262], EACCES, { mayConnect: true }], // MPTCP
    ['socket', [10, 1, 132], EACCES, { mayConnect: true }], // SCTP
    ['socket', [1, 1, 0], EACCES, { mayConnect: true, mayListen: true }],
    ['socket', [16, 3, 0], EACCES, { mayConnect: true }],
    ['socketpair', [1, 2, 0], EACCES],
    ['socketpair', [1, 5, 0], EACCES],
    ['socketpair', [2, 1, 0], EACCES],
    ['connect', [3, 0, 16], EACCES],
    ['bind', [3, 0, 16], EACCES, { mayConnect: true }],
    ['listen', [3, 1], EACCES, { mayConnect: true }],
    ['accept', [3], EACCES, { mayConnect: true }],
    ['accept4', [3], EACCES],
    ['connect', [3, 0, 16], EACCES, { mayListen: true }],
    ['sendto', [3, 0, 0, 0x20000000], EACCES, { mayConnect: true }],
    ['sendmsg', [3, 0, 0x20000000], EACCES, { mayConnect: true }],
    ['sendmmsg', [3, 0, 1, 0x20004000], EACCES, { mayConnect: true }],
    ['setsockopt', [3, 1, 26], EPERM],
    ['setsockopt', [3, 6, 31], EPERM, { mayConnect: true }],
    ['setsockopt', [3, 6, 1], EPERM],
    ['io_uring_setup', [8, 0], ENOSYS],
    ['capset', [], EPERM],
    ['landlock_restrict_self', [], EPERM],
  ];
  // Jest would take a parameter without a value in the table for its `done`.
  test.each(refused)('refuse %s(%j)', (...[name, args, expected, settings]) => {
    if (numbers[name] >= 0) expect(result(name, args, settings)).toBe(expected);
  });

  const allowed: readonly [SystemCallName, Args, Partial<FilterSettings>?][] = [
    ['clone', [0x3d0f00]], // as pthread_create calls it
    ['clone', [0x4111], { mayRun: true }],
    ['fork', [], { mayRun: true }],
    ['kill', [0, 15]],
    ['kill', [PID, 15]],
    ['kill', [-PID, 9]],
    ['kill', [PID + 1, 15], { mayRun: true }],
    ['tgkill', [PID, PID + 3, 6]],
    ['tkill', [PID, 6]],
    ['prlimit64', [0, 7]],
    ['prlimit64', [PID, 7]],
    ['setpriority', [0, 0, 5]],
    ['ioprio_set', [1, 0, 0]],
    ['personality', [0xffffffff]],
    ['prctl', [1, 9]],
    ['prctl', [15, 0]],
    ['ioctl', [0, 0x541b]],
    ['fcntl', [0, 4, 0o4000]],
    ['open', [0, 0]],
    ['openat', [-100, 0, 0o1101]],
    ['openat', [-100, 0, 0o1000]],
    ['openat', [-100, 0, 0o1001], { landlockAbi: 2 }],
    ['truncate', [0, 0]],
    ['socketpair', [1, 0x80801, 0]],
    ['socket', [2, 0x80801, 0], { mayConnect: true }],
    ['socket', [10, 1, 6], { mayListen: true }],
    ['connect', [3, 0, 16], { mayConnect: true }],
    ['bind', [3, 0, 16], { mayListen: true }],
    ['listen', [3, 1], { mayListen: true }],
    ['sendmsg', [3, 0, 0x4040]],
    ['setsockopt', [3, 6, 1], { mayConnect: true }],
  ];
  test.each(allowed)('allow %s(%j)', (...[name, args, settings]) => {
    if (numbers[name] >= 0) expect(result(name, args, settings)).toBe(ALLOW);
  });

  test('let the host answer calls of connect, and no others', () => {
    const filter = connectFilter(architecture);
    expect(problemsOf(filter)).toEqual([]);
    const result = (name: SystemCallName): number => runFilter(filter, { number: numbers[name], architecture: AUDIT[architecture] });
    expect([result('connect'), result('socket'), result('read')]).toEqual([0x7fc00000, ALLOW, ALLOW]);
  });

  test('at last refuse other programs and other filters', () => {
    const second = (name: SystemCallName, mayRun: boolean): number =>
      runFilter(secondFilter(architecture, mayRun), { number: numbers[name], architecture: AUDIT[architecture] });
    for (const name of ['execve', 'execveat'] as const) expect([second(name, false), second(name, true)]).toEqual([EPERM, ALLOW]);
    expect([second('seccomp', false), second('seccomp', true), second('read', false)]).toEqual([EPERM, EPERM, ALLOW]);
  });
});
