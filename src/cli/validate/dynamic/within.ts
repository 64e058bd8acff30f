import { clearTimeout, setTimeout } from '../../../machine/node-timers.js';

/** What the promise resolves to, or `undefined` if it takes longer. The promise goes on. */
export function within<T>(promise: Promise<T>, ms: number): Promise<{ readonly value: T } | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve({ value });
      },
      (error: Error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
