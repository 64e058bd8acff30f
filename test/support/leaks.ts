import koffi from 'koffi'; // eslint-disable-line no-restricted-imports -- for its count of callback slots
import { readFileSync, readdirSync } from 'node:fs';
import { pause } from './host.js';

/** What a host could leak, as counted in this process right now. Linux only. */
export interface Holdings {
  readonly fileDescriptors: number;
  readonly callbackSlots: number;
  /** Children of this host and what they started, as `pid state`. */
  readonly processes: readonly string[];
}

const MAX_WAIT_MS = 60_000;

export function holdings(): Holdings {
  return { fileDescriptors: readdirSync('/proc/self/fd').length, callbackSlots: koffi.stats().callbacks, processes: processes() };
}

/** The same, when it is down to `wanted`, or will not come down: the end of what was killed takes its time. */
export async function holdingsDownTo(wanted: Holdings): Promise<Holdings> {
  const end = performance.now() + MAX_WAIT_MS;
  let now = holdings();
  while (JSON.stringify(now) !== JSON.stringify(wanted) && performance.now() < end) {
    await pause(20);
    now = holdings();
  }
  return now;
}

/** A child's arguments name its host, and a fork of a child has the same; a zombie has none, but still a parent. */
function processes(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    const status = read(`/proc/${pid}/stat`);
    const [state = '', parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    const isOurs = parent === String(process.pid) || read(`/proc/${pid}/cmdline`).includes(`"hostPid":${process.pid},`);
    return isOurs ? [`${pid} ${state === 'Z' ? 'zombie' : 'alive'}`] : [];
  });
}

/** Of a process that may be gone by now. */
function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
