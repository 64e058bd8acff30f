import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const koffi = createRequire(import.meta.url)('koffi');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** How long what was killed may take to be gone. */
const LONGEST_WAIT_MS = 10_000;
const isLinux = process.platform === 'linux';
const COUNTED = ['descriptors', 'processes', 'callbackSlots', 'temporaryFiles'];

/** What this process and its children hold. Descriptors and processes are counted on Linux only: 0 elsewhere. */
export class Holdings {
  constructor(temporary) {
    this.temporary = temporary;
  }

  /** When it is down to `wanted`, or will not come down. */
  async settled(wanted) {
    collectGarbage();
    const end = Date.now() + LONGEST_WAIT_MS;
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

/** Bytes from the median of the first quarter to that of the last. */
export function growthOf(samples) {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  return median(samples.slice(-quarter)) - median(samples.slice(0, quarter));
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

/** A child's arguments name its host, and a fork of it has the same; a zombie has none, but still a parent. */
function countProcesses() {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    const status = read(`/proc/${pid}/stat`);
    const [, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return parent === String(process.pid) || read(`/proc/${pid}/cmdline`).includes(`"hostPid":${process.pid},`);
  }).length;
}

/** Of a process that may be gone by now. */
function read(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
