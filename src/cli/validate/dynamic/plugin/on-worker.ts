import { stat } from 'node:fs';

/** The result of a native call that runs on a worker. */
export function onWorker<R>(start: (done: (error: Error | null, result: R) => void) => void): Promise<R> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

/** Starts the workers, which Node does at the first use of one: all at once. */
export const startWorkers = (): Promise<void> => new Promise((resolve) => stat('.', () => resolve()));
