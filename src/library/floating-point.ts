import { catchable } from './catchable.js';
import { Block, libc } from './memory.js';

/** fenv_t has 8 to 32 bytes on the systems in use. */
const FENV_BYTES = 64;
type SetOrGet = (environment: number) => number;

function bindFenv(): { readonly get: SetOrGet; readonly set: SetOrGet } | undefined {
  try {
    const func = (name: string): SetOrGet => libc.func(name, 'int', ['uintptr_t']) as SetOrGet;
    return catchable(() => ({ get: func('fegetenv'), set: func('fesetenv') }));
  } catch {
    return undefined; // a C library without them
  }
}

const fenv = bindFenv();
/** Of the main thread, as it was when this module was loaded. */
const normal = new Block(FENV_BYTES);
fenv?.get(normal.address);

/** In memory, so that no compiler knows the results beforehand. */
const operands = new Float64Array([Number.MIN_VALUE, 1, 2 ** -53 * 1.5, 2 ** -54]);

/**
 * Whether JavaScript computes as it should on this thread: small numbers exist, as operands and as results, and results
 * are rounded to the nearest. Costs a few nanoseconds: a small number from normal operands would cost sixty, and reading
 * the array as a list as many.
 */
export function computesNormally(): boolean {
  const tiny = operands[0] ?? 0;
  const one = operands[1] ?? 0;
  const most = operands[2] ?? 0;
  const little = operands[3] ?? 0;
  return tiny + tiny !== 0 && one + most === 1 + 2 ** -52 && one + little === 1 && -one - little === -1;
}

/** Undoes what native code has done to the rounding mode or to small numbers on this thread. True if there was something. */
export function restoreFloatingPoint(): boolean {
  if (computesNormally()) return false;
  fenv?.set(normal.address);
  return true;
}

/** Runs native code that may leave the thread's floating-point state changed, as the constructor of -ffast-math does. */
export function keepingFloatingPoint<T>(run: () => T): T {
  const before = new Block(FENV_BYTES);
  fenv?.get(before.address);
  try {
    return run();
  } finally {
    fenv?.set(before.address);
  }
}
