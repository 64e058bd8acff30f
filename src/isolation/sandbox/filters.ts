import { ALLOW, ASK, ARCHITECTURE_OFFSET, ENOSYS, EPERM, JUMP_IF_EQUAL, KILL_PROCESS, NUMBER_OFFSET, RETURN, choose, fail, give, ifEqual, load, type Case, type Instruction, type Program } from './bpf.js';
import { rulesOf, type FilterSettings } from './rules.js';
import { ALLOWED, LAST_SYSTEM_CALL, systemCallsOf, type Architecture, type SystemCallName } from './system-calls.js';

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64. */
const AUDIT: Readonly<Record<Architecture, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
/** On x64, numbers from here on are those of a third ABI, x32. */
const X32 = 0x4000_0000;

/** Another ABI has other numbers: it ends the process. */
const ofArchitecture = (architecture: Architecture, program: Program): Program => [
  load(ARCHITECTURE_OFFSET),
  [JUMP_IF_EQUAL, 1, 0, AUDIT[architecture]],
  give(KILL_PROCESS),
  load(NUMBER_OFFSET),
  ...program,
];

/**
 * The first filter: a list of what is allowed. Other calls fail with EPERM, and those that are newer than the list with
 * ENOSYS, so that programs use an older one.
 */
export function firstFilter(architecture: Architecture, settings: FilterSettings): Program {
  const numbers = systemCallsOf(architecture);
  const byNumber = new Map<number, Program>();
  const add = (name: SystemCallName, run: Program): void => {
    if (numbers[name] >= 0) byNumber.set(numbers[name], run);
  };
  for (const name of Object.keys(ALLOWED) as (keyof typeof ALLOWED)[]) add(name, [give(ALLOW)]);
  for (const [name, run] of Object.entries(rulesOf(settings)) as [SystemCallName, Program][]) add(name, run);
  const cases: Case[] = [];
  for (let number = 0; number <= LAST_SYSTEM_CALL; number++) addCase(cases, number, byNumber.get(number) ?? [give(fail(EPERM))]);
  addCase(cases, LAST_SYSTEM_CALL + 1, [give(fail(ENOSYS))]);
  addCase(cases, X32, [give(KILL_PROCESS)]);
  return ofArchitecture(architecture, choose(cases));
}

/** Adds a case, unless the one before has the same result. */
function addCase(cases: Case[], from: number, run: Program): void {
  const last = cases.at(-1)?.run;
  const isSame = last?.length === 1 && run.length === 1 && last[0]?.[3] === run[0]?.[3];
  if (!isSame) cases.push({ from, run });
}

/** Lets the host connect. It is in force beside the others. */
export function connectFilter(architecture: Architecture): Program {
  return ofArchitecture(architecture, [...ifEqual(systemCallsOf(architecture).connect, [give(ASK)]), give(ALLOW)]);
}

const IS_ERROR = 0x7fff_0000;
const ERROR = 0x0005_0000;

/** Before a traced child is complete: nothing but what Node must not use from its start on. */
export function startFilter(architecture: Architecture): Program {
  const { io_uring_setup, io_uring_enter, io_uring_register } = systemCallsOf(architecture);
  return ofArchitecture(architecture, [...[io_uring_setup, io_uring_enter, io_uring_register].flatMap((number) => ifEqual(number, [give(fail(ENOSYS))])), give(ALLOW)]);
}

/** Lets the host decide what `filter` denies, and these calls. What a kernel may not have stays denied. */
export function askingFilter(architecture: Architecture, filter: Program, numbers: readonly number[]): Program {
  const isDenial = (result: number): boolean => (result & IS_ERROR) === ERROR && result !== fail(ENOSYS);
  const asking = filter.slice(4).map((instruction): Instruction => (instruction[0] === RETURN && isDenial(instruction[3]) ? [RETURN, 0, 0, ASK] : instruction));
  return ofArchitecture(architecture, [...numbers.flatMap((number) => ifEqual(number, [give(ASK)])), ...asking]);
}

/** The second filter: no more filters, and no other program unless the plugin may run some. Code in memory passes Landlock. */
export function secondFilter(architecture: Architecture, mayRun: boolean): Program {
  const numbers = systemCallsOf(architecture);
  const refused = mayRun ? [numbers.seccomp] : [numbers.seccomp, numbers.execve, numbers.execveat];
  return ofArchitecture(architecture, [...refused.flatMap((number) => ifEqual(number, [give(fail(EPERM))])), give(ALLOW)]);
}
