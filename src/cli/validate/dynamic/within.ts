import { deadline } from '../../../options/deadline-clock.js';

/** What the promise resolves to, or `undefined` if it takes longer, as this process counts time. The promise goes on. */
export function within<T>(promise: Promise<T>, ms: number): Promise<{ readonly value: T } | undefined> {
  return new Promise((resolve, reject) => {
    const cancelDeadline = deadline(ms, () => resolve(undefined), { keepsRunning: true });
    promise.then(
      (value) => {
        cancelDeadline();
        resolve({ value });
      },
      (error: Error) => {
        cancelDeadline();
        reject(error);
      },
    );
  });
}
