import { hostTarget } from '../../src/triage/index.js';
import { isWine } from '../support/fixtures.js';
import type { FaultStep } from './fault.js';

const isWindows = process.platform === 'win32';

const libc = hostTarget().libc?.flavour;

/** What the host sees of each fault: a signal, an exit code, its own deadline, or nothing. */
const ENDS: Readonly<Record<string, RegExp | 'survived' | 'deadline'>> = {
  segv: /^SIG(SEGV|BUS)$/,
  abort: /^SIGABRT$/,
  fpe: /^SIGFPE$/,
  illegal: /^SIG(ILL|TRAP)$/,
  stack: /^SIG(SEGV|BUS)$/,
  spin: 'deadline',
  sleep: 'deadline',
  deadlock: 'deadline',
  // glibc and musl end a process before Node's own destructors, which abort off the main thread. musl does not tell the code.
  exit: libc === 'glibc' ? /^exit 0$/ : libc === 'musl' ? /^exit 1$/ : /^(exit 0|SIGABRT|SIGSEGV)$/,
  _exit: /^exit 3$/,
  throw: /^SIGABRT$/,
  'double-free': libc === 'musl' ? /^SIGSEGV$/ : /^SIGABRT$/, // musl ends a process by an instruction that it may not use
  memory: /^SIG(ABRT|TRAP|ILL|SEGV|KILL)$/, // the plugin's own, or Node's way to say that there is none; or the host's
  'shared-memory': /^SIGKILL$/,
  'close-all': /^(disconnected|SIGABRT)$/, // libuv aborts where it is the first to notice
  'close-connection': /^(disconnected|SIGABRT)$/, // as above
  'close-streams': 'survived',
  garbage: 'survived',
  fork: 'survived',
  process: 'survived',
  term: 'survived', // whether to end is the host's decision, whoever sends it
  flood: 'survived',
};

/** What is the fault of a constructor to a child, is on Windows why its loader does not open the library. */
const CAUGHT_BY_LOADER = ['segv', 'illegal', 'throw'];

const LACKS: Readonly<Record<string, string | undefined>> = {
  stack: isWine ? 'wine: a process that overflows the stack which koffi made does not end' : undefined,
  'close-connection': isWindows ? 'on Windows descriptors are of a C library, not of the process' : undefined,
  fork: isWindows ? 'Windows has no fork' : undefined,
  term: isWindows ? 'Windows has no SIGTERM' : undefined,
  flood: isWine ? 'wine: to print so much takes longer than minutes' : undefined,
};

export const FAULTS = Object.keys(ENDS);

/** Why this platform cannot have the fault, where it cannot. */
export const lacksFor = (fault: string): string | undefined => LACKS[fault];

/** Whether it never returns. */
export const hangs = (fault: string): boolean => ENDS[fault] === 'deadline';

/** Whether the system's loader says so, instead of the end of the process. */
export const isCaughtByLoader = (step: FaultStep, fault: string): boolean => isWindows && step === 'constructor' && CAUGHT_BY_LOADER.includes(fault);

/** What the host is to see of a fault in this step. */
export function endOfFault(step: FaultStep, fault: string): RegExp | 'survived' | 'deadline' {
  const end = ENDS[fault] ?? 'survived';
  if (isCaughtByLoader(step, fault)) return /^plugin crasher: the system could not open the library: /;
  // No destructor runs: a child ends by _exit. And a thread that the plugin keeps to itself may do what it likes.
  if (step === 'destructor' || (step === 'idle' && end === 'deadline')) return 'survived';
  // Windows has exit codes where others have signals; which depends on the compiler.
  return isWindows && end instanceof RegExp ? /^(exit |disconnected|SIGKILL)/ : end;
}
