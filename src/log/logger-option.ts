import type * as z from 'zod';
import { checked } from '../options/fields.js';
import type { Logger, LogLevel } from './logger.js';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** An object with methods, own or inherited, such as `console`. A level without a method is not logged. */
export const loggerOption: z.ZodType<Logger> = checked<Logger>('an object', (value) => typeof value === 'object' && value !== null).superRefine(
  (logger: object, context) => {
    const members = logger as Readonly<Record<string, unknown>>;
    const wrong = LEVELS.find((level) => !['function', 'undefined'].includes(typeof members[level]));
    if (wrong !== undefined) context.addIssue({ code: 'custom', path: [wrong], message: 'a method', input: members[wrong] });
  },
);
