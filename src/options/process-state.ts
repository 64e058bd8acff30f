import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** A sample of a process's state, from the operating system. */
export interface ProcessState {
  /** Processor time used by all of its threads. */
  readonly cpuMs: number;
  /**
   * `stopped`: by a signal or a debugger. `runnable`: a thread runs or waits for a processor. `blocked`: a thread waits for
   * a disk or for memory. `asleep`: all threads wait for something else.
   */
  readonly activity: 'stopped' | 'runnable' | 'blocked' | 'asleep';
}

/** The unit in /proc/PID/stat: Linux reports hundredths of a second to programs, whatever its internal tick is. */
const TICK_MS = 10;

const ACTIVITY: Readonly<Record<string, ProcessState['activity']>> = { T: 'stopped', t: 'stopped', R: 'runnable', D: 'blocked' };

/** The fields after the process name, which may contain any character: `state ppid …`, fields 3 and up in proc(5). */
const fieldsOf = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');
const activityOf = (state: string | undefined): ProcessState['activity'] => ACTIVITY[state ?? ''] ?? 'asleep';

let isReadable: boolean | undefined;

/** Whether /proc is mounted, for this process's own pid namespace. */
function canRead(): boolean {
  try {
    return process.platform === 'linux' && readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
}

/**
 * `undefined` if the process has ended, this is not Linux, or /proc is not readable. `onlyMain` reads only the main thread,
 * which is faster.
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

/** The activity of all threads except this one, which is running because it takes the sample. */
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
    return 'asleep'; // the thread has ended
  }
}
