import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** What the operating system says of a process at one moment. */
export interface ProcessState {
  /** Processor time that all of its threads have used. */
  readonly cpuMs: number;
  /**
   * `stopped`: by a signal or a debugger. `runnable`: a thread runs or waits for a processor. `blocked`: a thread waits for
   * a disk or for memory. `asleep`: all threads wait for something else, or for nothing.
   */
  readonly activity: 'stopped' | 'runnable' | 'blocked' | 'asleep';
}

/** Of /proc/PID/stat: Linux counts in hundredths of a second for programs, whatever it does itself. */
const TICK_MS = 10;

const ACTIVITY: Readonly<Record<string, ProcessState['activity']>> = { T: 'stopped', t: 'stopped', R: 'runnable', D: 'blocked' };

/** After the name, which may hold anything: `state ppid …`, as proc(5) numbers them from 3 on. */
const fieldsOf = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');
const activityOf = (state: string | undefined): ProcessState['activity'] => ACTIVITY[state ?? ''] ?? 'asleep';

let isReadable: boolean | undefined;

/** Whether /proc is there, and of this process's own pid namespace. */
function canRead(): boolean {
  try {
    return process.platform === 'linux' && readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
}

/**
 * `undefined` if it cannot be known: the process has ended, or this is not Linux, or /proc is not readable. `onlyMain` looks
 * at the main thread alone, which is quick.
 */
export function readProcessState(pid: number, { onlyMain = false } = {}): ProcessState | undefined {
  isReadable ??= canRead();
  if (!isReadable) return undefined;
  try {
    const fields = fieldsOf(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    const main = activityOf(fields[0]);
    if (main === 'stopped') return { cpuMs, activity: main };
    return { cpuMs, activity: onlyMain ? 'asleep' : activityOfThreads(pid) };
  } catch {
    return undefined;
  }
}

/** Of any thread but this one, which runs in order to look. */
function activityOfThreads(pid: number): ProcessState['activity'] {
  const self = pid === process.pid ? path.basename(readlinkSync('/proc/thread-self')) : undefined;
  const found = new Set<ProcessState['activity']>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    if (thread === self) continue;
    const activity = threadActivity(`/proc/${pid}/task/${thread}/stat`);
    if (activity === 'runnable') return activity;
    found.add(activity);
  }
  if (found.has('stopped')) return 'stopped';
  return found.has('blocked') ? 'blocked' : 'asleep';
}

function threadActivity(stat: string): ProcessState['activity'] {
  try {
    return activityOf(fieldsOf(readFileSync(stat, 'latin1'))[0]);
  } catch {
    return 'asleep'; // it has ended meanwhile
  }
}
