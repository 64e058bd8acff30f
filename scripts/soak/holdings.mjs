import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const koffi = createRequire(import.meta.url)('koffi');

setFlagsFromString('--expose-gc');
export const collectGarbage = runInNewContext('gc');

/** How long killed processes may take to disappear. */
const MAX_WAIT_MS = 10_000;
const isLinux = process.platform === 'linux';
const COUNTED = ['descriptors', 'processes', 'callbackSlots', 'temporaryFiles'];

/** Resources of this process and its children. Descriptors and processes are counted only on Linux; 0 elsewhere. */
export class Holdings {
  constructor(temporary) {
    this.temporary = temporary;
  }

  /** Waits until the count is down to `wanted`, or until the time is up. */
  async settled(wanted) {
    collectGarbage();
    const end = Date.now() + MAX_WAIT_MS;
    for (;;) {
      const now = this.#now();
      const isDown = wanted === undefined ? now.processes === 0 : this.leaks(wanted, now).length === 0;
      if (isDown || Date.now() > end) return now;
      await pause(50);
    }
  }

  leaks(before, now) {
    return COUNTED.filter((what) => now[what] > before[what]).map((what) => `${what} ${before[what]} to ${now[what]}`);
  }

  print(before, after) {
    const each = COUNTED.map((what) => `${what} ${before[what]} to ${after[what]}`);
    console.log(`held before and after: ${each.join(', ')}${isLinux ? '' : ' (the first two are counted on Linux only)'}`);
  }

  #now() {
    return {
      descriptors: isLinux ? readdirSync('/proc/self/fd').length : 0,
      processes: isLinux ? countProcesses() : 0,
      callbackSlots: koffi.stats().callbacks,
      temporaryFiles: readdirSync(this.temporary).length,
      rss: process.memoryUsage.rss(),
    };
  }
}

/** Growth in bytes from the median of the first quarter to that of the last. */
export function growthOf(samples) {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  return median(samples.slice(-quarter)) - median(samples.slice(0, quarter));
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

/** A child's arguments contain its host's pid, and its forks have the same arguments. A zombie has no arguments, but has a parent. */
function countProcesses() {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    const status = read(`/proc/${pid}/stat`);
    const [, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return parent === String(process.pid) || read(`/proc/${pid}/cmdline`).includes(`"hostPid":${process.pid},`);
  }).length;
}

/** Reads a file of a process that may have ended. */
function read(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
