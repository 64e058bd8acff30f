import * as z from 'zod';
import { UnresolvablePathError, absolutePath, isPath } from './folders.js';
import { NEVER_MS } from './never.js';

/* Option types as zod schemas. Each message says what is expected; read-options.ts adds the option's name and its value. */

/** A value that `isGood` accepts, unchanged. */
export function checked<T>(expected: string, isGood: (value: unknown) => boolean): z.ZodType<T> {
  return z.custom<T>(isGood, { error: expected });
}

/** The same, but if the value is an object with names from `siblings`, the error suggests the option that was meant. */
export function checkedBeside<T>(expected: string, siblings: readonly string[], isGood: (value: unknown) => boolean): z.ZodType<T> {
  return z.custom<T>(isGood, { error: expected, params: { siblings } });
}

/** The same for a value that may be a secret: errors show only its type. */
export function checkedSecret<T>(expected: string, isGood: (value: unknown) => boolean): z.ZodType<T> {
  return z.custom<T>(isGood, { error: expected, params: { isSecret: true } });
}

interface Range {
  readonly orZero?: boolean;
}

/** Milliseconds; Infinity means never. */
export function milliseconds({ orZero = false }: Range = {}): z.ZodType<number> {
  const expected = `milliseconds, ${orZero ? '0 or more' : 'more than 0'} (Infinity: never)`;
  return checked(expected, (value) => typeof value === 'number' && (value > 0 || (orZero && value === 0)));
}

/** The same for a timer, which can wait at most NEVER_MS. */
export const timerMilliseconds = (range?: Range): z.ZodType<number> => milliseconds(range).transform((ms) => Math.min(ms, NEVER_MS));

/** A whole number. Infinity is allowed unless there is a maximum. */
export function count(min: number, max = Infinity): z.ZodType<number> {
  const isCount = (value: unknown): value is number => Number.isInteger(value) || value === Infinity;
  const range = max === Infinity ? `${min} or more` : `${min} to ${max}`;
  return checked(`a whole number, ${range}`, (value) => isCount(value) && value >= min && value <= max);
}

export const trueOrFalse = checked<boolean>('true or false', (value) => typeof value === 'boolean');

export const callback = <F>(): z.ZodType<F> => checked<F>('a function', (value) => typeof value === 'function');

/** `false`, or what `schema` accepts. */
export const falseOr = <T>(schema: z.ZodType<T>): z.ZodType<T | false> => either<false, T>((value) => value === false, schema);

/** A function, whose results are checked later, or what `schema` accepts. */
export const functionOr = <F, T>(schema: z.ZodType<T>): z.ZodType<F | T> => either<F, T>((value) => typeof value === 'function', schema);

/** A value that `isGood` accepts, unchanged, or what `schema` accepts. */
const either = <A, B>(isGood: (value: unknown) => boolean, schema: z.ZodType<B>): z.ZodType<A | B> =>
  z.unknown().transform((value, context): A | B => {
    if (isGood(value)) return value as A;
    const result = schema.safeParse(value, { reportInput: true });
    if (result.success) return result.data;
    context.issues.push(...(result.error.issues as z.core.$ZodRawIssue[]));
    return z.NEVER;
  });

/** A string that is not empty. */
export const name = (what: string): z.ZodType<string> => checked<string>(what, (value) => typeof value === 'string' && value !== '');

export const listOf = <T>(item: z.ZodType<T>, expected: string): z.ZodType<readonly T[]> => z.array(item, { error: expected });

/** A path, made absolute at once, so that later changes of the current folder do not matter. */
export function path(what: string): z.ZodType<string> {
  const given = checked<string>(`the path of ${what} (not empty, no NUL, no URL)`, isPath);
  return given.transform((value, context) => {
    try {
      return absolutePath(value);
    } catch (error) {
      if (!(error instanceof UnresolvablePathError)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: value });
      return z.NEVER;
    }
  });
}
