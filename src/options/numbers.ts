import { optionError } from './option-error.js';

/** As long as a timer can be, which is 24 days. What is to happen then counts as never; Node's timers would do it at once. */
export const NEVER_MS = 2 ** 31 - 1;

/** What an option may be beside a number above 0. */
export interface Range {
  readonly orZero?: boolean;
}

/** Milliseconds; Infinity is never. `undefined` is the default. @throws LoadError ERR_OPTIONS */
export function readMs(option: string, value: number | undefined, fallback: number, { orZero = false }: Range = {}): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && (value > 0 || (orZero && value === 0))) return value;
  throw optionError(option, `milliseconds, ${orZero ? '0 or more' : 'more than 0'} (Infinity: never)`, value);
}

/** The same for a timer, which NEVER_MS is the end of. */
export const readTimerMs: typeof readMs = (...given) => Math.min(readMs(...given), NEVER_MS);

/** A whole number. `most` may be Infinity: then so may it. @throws LoadError ERR_OPTIONS */
export function readCount(option: string, value: number | undefined, fallback: number, least: number, most = Infinity): number {
  if (value === undefined) return fallback;
  const isCount = Number.isInteger(value) || value === Infinity;
  if (isCount && value >= least && value <= most) return value;
  throw optionError(option, `a whole number, ${most === Infinity ? `${least} or more` : `${least} to ${most}`}`, value);
}

/** A group of options. @throws LoadError ERR_OPTIONS where it is no object */
export function readGroup<T extends object>(option: string, value: T | undefined): Partial<T> {
  if (value === undefined) return {};
  if (typeof value === 'object' && (value as T | null) !== null) return value;
  throw optionError(option, 'an object', value);
}
