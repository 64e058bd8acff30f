import { Worker } from 'node:worker_threads';
import { dieWithParent } from '../../library/index.js';
import { setInterval, setTimeout } from '../../machine/node-timers.js';

/** Ends this process and what it started, whatever it is doing. */
export function dieNow(): void {
  try {
    process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL'); // not the leader of a group: somebody has started it by hand
  }
}

/** How often the host is looked for, and how long one that is there has to end this process, in milliseconds. */
const LOOK_MS = 20;
const HOST_HAS_MS = 2000;

/**
 * Its connection has ended: the host did, or a plugin has closed what is not its own. A host that is there kills this process,
 * and has the reason to show.
 */
export function dieDisconnected(hostPid: number): void {
  const look = (): void => {
    if (process.ppid !== hostPid) dieNow();
  };
  look();
  setInterval(look, LOOK_MS);
  setTimeout(dieNow, HOST_HAS_MS);
}

/** Runs on a thread of its own, which goes on where the main thread is stuck in native code. */
const WATCH = `
  const { workerData: host } = require('node:worker_threads');
  setInterval(() => { if (process.ppid !== host) process.kill(process.pid, 'SIGKILL'); }, 500);
`;

/**
 * Beside the end of the connection, which the main thread hears, for when that is stuck: on Linux the kernel sees to it,
 * on Windows the job that the host put this process into; elsewhere a thread watches.
 */
export function dieWithHost(hostPid: number): void {
  const isSeenTo = dieWithParent() || process.platform === 'win32';
  // The host may have ended before that was set up.
  if (process.ppid !== hostPid) dieNow();
  if (!isSeenTo) new Worker(WATCH, { eval: true, workerData: hostPid }).unref();
}
