import { NEVER_MS } from './never.js';
import { setInterval } from '../machine/node-timers.js';

let holds = 0;
let timer: NodeJS.Timeout | undefined;

/**
 * Keeps the process running while something native is awaited: a callback from a plugin's thread does not, so without
 * this Node would exit under a pending invocation. Returns the release, which counts once.
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
