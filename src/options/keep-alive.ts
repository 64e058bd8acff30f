import { NEVER_MS } from './never.js';
import { setInterval } from '../machine/node-timers.js';

let holds = 0;
let timer: NodeJS.Timeout | undefined;

/**
 * Keeps the process running while it waits for native code. A callback from a plugin's thread does not, so Node would exit
 * during a pending invocation. Returns a function that releases the hold; further calls do nothing.
 */
export function keepAlive(): () => void {
  holds++;
  timer ??= setInterval(() => undefined, NEVER_MS);
  timer.ref();
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    if (--holds === 0) timer?.unref();
  };
}
