import { setTimeout, clearTimeout } from 'node:timers';

/** Whether something that never rejects has settled by a time (milliseconds since the epoch). */
export function settlesBy(deadline: number, settling: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), Math.max(0, deadline - Date.now()));
    void settling.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
