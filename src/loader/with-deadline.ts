import { LoadError, type ErrorContext } from '../errors/index.js';
import { ownClock } from '../options/process-clock.js';
import { Lane } from '../native/worker-pool.js';

/**
 * Runs one C function of a plugin on a worker, before the plugin exists as an object.
 * @throws LoadError ERR_CREATE_FAILED at the deadline. A native call that has started continues, because it cannot be stopped.
 */
export function withDeadline(
  enter: (done: (error: Error | null, result: number) => void) => void,
  symbol: string,
  timeoutMs: number,
  where: ErrorContext,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (fields: { readonly reason: string; readonly timeoutMs?: number }, cause?: unknown): void =>
      reject(new LoadError('ERR_CREATE_FAILED', { symbol, ...fields }, { ...where, cause }));
    const callOff = ownClock.deadline(timeoutMs, () => {
      if (takeBack()) fail({ reason: `got no thread within ${timeoutMs} ms: all are busy` });
      else fail({ reason: `did not return within ${timeoutMs} ms, and still runs`, timeoutMs });
    });
    const takeBack = new Lane(1).enqueue((left) =>
      enter((error, result) => {
        callOff();
        left();
        if (error === null) resolve(result);
        else fail({ reason: 'could not be called' }, error);
      }),
    );
  });
}
