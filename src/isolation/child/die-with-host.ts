import { Worker } from 'node:worker_threads';
import { dieWithParent } from '../../library/index.js';
import { setInterval, setTimeout } from '../../machine/node-timers.js';

/** Kills this process and the programs that it started. */
export function dieNow(): void {
  try {
    process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL'); // not the leader of a process group: it was started by hand
  }
}

/** How often to check whether the host still runs. */
const POLL_MS = 20;
/** A plugin closed this process's end of the connection. The host notices and kills this process, but it may be stopped or starved. */
const LOST_CONNECTION_GRACE_MS = 60_000;
/** The host closed its end of the connection, although it runs. It kills this process, unless the operating system forbids that. */
const CLOSED_BY_HOST_GRACE_MS = 2000;

/**
 * The connection is lost. Ends this process as soon as the host has ended. A running host kills this process and reports why;
 * this process ends by itself only if the host does not.
 */
export function dieDisconnected(hostPid: number, isClosedByHost: boolean): void {
  const poll = (): void => {
    if (process.ppid !== hostPid) dieNow();
  };
  poll();
  setInterval(poll, POLL_MS);
  setTimeout(dieNow, isClosedByHost ? CLOSED_BY_HOST_GRACE_MS : LOST_CONNECTION_GRACE_MS);
}

/** Runs on its own thread, which continues if the main thread is stuck in native code. */
const WATCH = `
  const { workerData: host } = require('node:worker_threads');
  setInterval(() => { if (process.ppid !== host) process.kill(process.pid, 'SIGKILL'); }, 500);
`;

/**
 * Ends this process with its host even if the main thread is stuck and does not notice that the connection closed. Linux kills
 * the process; on Windows the host's job does; elsewhere a thread polls.
 */
export function dieWithHost(hostPid: number): void {
  const isKilledBySystem = dieWithParent() || process.platform === 'win32';
  // The host may have ended before this was set up.
  if (process.ppid !== hostPid) dieNow();
  if (!isKilledBySystem) new Worker(WATCH, { eval: true, workerData: hostPid }).unref();
}
