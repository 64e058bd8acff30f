import { readFileSync } from 'node:fs';
import { isDebugged } from '../../library/index.js';
import { clearInterval, setInterval } from '../../machine/node-timers.js';

const POLL_MS = 100;

/** Resolves when a debugger is attached or, except on Windows, when this process gets SIGCONT. */
export function waitForDebugger(): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      clearInterval(timer);
      process.off('SIGCONT', go);
      resolve();
    };
    const timer = setInterval(() => {
      if (isTraced()) go();
    }, POLL_MS);
    if (process.platform !== 'win32') process.on('SIGCONT', go);
  });
}

function isTraced(): boolean {
  if (process.platform !== 'linux') return isDebugged() === true;
  try {
    return !/^TracerPid:\s+0$/m.test(readFileSync('/proc/self/status', 'utf8'));
  } catch {
    return false; // without /proc, only SIGCONT ends the wait
  }
}
