import { catchable } from './catchable.js';
import { Block, libc } from './memory.js';

/** fenv_t has 8 to 32 bytes on supported systems. */
const FENV_BYTES = 64;
type SetOrGet = (environment: number) => number;

function bindFenv(): { readonly get: SetOrGet; readonly set: SetOrGet } | undefined {
  try {
    const func = (name: string): SetOrGet => libc.func(name, 'int', ['uintptr_t']) as SetOrGet;
    return catchable(() => ({ get: func('fegetenv'), set: func('fesetenv') }));
  } catch {
    return undefined; // a C library without these functions
  }
}

const fenv = bindFenv();
/** Whether this C library can restore the state. */
export const hasFenv = fenv !== undefined;
/** The main thread's state when this module was loaded. */
const normal = new Block(FENV_BYTES);
fenv?.get(normal.address);

/** What `computesNormally` computes with: a subnormal number, 1, and two numbers below the precision of 1. */
const OPERANDS = [Number.MIN_VALUE, 1, 2 ** -53 * 1.5, 2 ** -54];
/** In memory, so that no compiler can compute the results in advance. */
const operands = new Float64Array(OPERANDS);

/**
 * Whether this thread's floating-point state is the normal one: subnormal numbers work as operands and as results, and
 * results round to nearest. Takes a few nanoseconds. Computing a subnormal from normal operands would take sixty, and so
 * would destructuring the array.
 */
export function computesNormally(): boolean {
  const tiny = operands[0] ?? 0;
  const one = operands[1] ?? 0;
  const most = operands[2] ?? 0;
  const little = operands[3] ?? 0;
  return tiny + tiny !== 0 && one + most === 1 + 2 ** -52 && one + little === 1 && -one - little === -1;
}

/** Restores the rounding mode and the handling of subnormals on this thread. Returns whether native code had changed them. */
export function restoreFloatingPoint(): boolean {
  if (computesNormally()) return false;
  fenv?.set(normal.address);
  return true;
}

/** Runs native code and restores the thread's floating-point state, which the constructor of -ffast-math changes. */
export function keepingFloatingPoint<T>(run: () => T): T {
  const before = new Block(FENV_BYTES);
  fenv?.get(before.address);
  try {
    return run();
  } finally {
    fenv?.set(before.address);
  }
}

/**
 * `restoreFloatingPoint` as text, for the program of another thread that makes native calls. It needs `libc`, `koffi` and `hasFenv`. A thread
 * begins with the state of the one that started it, which is the normal one.
 */
export const RESTORE_PROGRAM = `
const fenv = Buffer.from(new ArrayBuffer(${FENV_BYTES}));
const fenvAt = Number(koffi.address(fenv));
const setEnvironment = hasFenv ? libc.func('fesetenv', 'int', ['uintptr_t']) : undefined;
if (hasFenv) libc.func('fegetenv', 'int', ['uintptr_t'])(fenvAt);
const operands = new Float64Array([${OPERANDS.join(', ')}]);
const restoreFloatingPoint = () => {
  const one = operands[1];
  const isNormal = operands[0] + operands[0] !== 0 && one + operands[2] === 1 + 2 ** -52 && one + operands[3] === 1 && -one - operands[3] === -1;
  if (!isNormal && hasFenv) setEnvironment(fenvAt);
};
`;
