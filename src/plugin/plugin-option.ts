import * as z from 'zod';
import { optionError } from '../options/option-error.js';
import type { Plugin } from './plugin.js';

const METHODS = ['register', 'init', 'shutdown'] as const;

interface Problem {
  readonly member: string;
  readonly expected: string;
  readonly found: unknown;
}

/** Why a value is not a Plugin, or `undefined`. `member` is empty if the value itself is wrong. */
function problemOf(value: unknown): Problem | undefined {
  if (typeof value !== 'object' || value === null) return { member: '', expected: 'a plugin (see definePlugin)', found: value };
  const { id, meta } = value as Partial<Plugin>;
  if (typeof id !== 'string' || id === '') return { member: 'id', expected: 'a string that is not empty', found: id };
  if (typeof meta !== 'object' || (meta as object | null) === null) return { member: 'meta', expected: 'an object', found: meta };
  const missing = METHODS.find((method) => typeof (value as Partial<Plugin>)[method] !== 'function');
  return missing && { member: missing, expected: 'a method', found: (value as Partial<Plugin>)[missing] };
}

/** A plugin as an option. It is not copied, so it keeps its identity and prototype. */
export const pluginOption: z.ZodType<Plugin> = z.custom<Plugin>().superRefine((value, context) => {
  const problem = problemOf(value);
  if (problem === undefined) return;
  const { member, expected, found } = problem;
  context.addIssue({ code: 'custom', path: member === '' ? [] : [member], message: expected, input: found });
});

/** The same check for an argument. @throws LoadError ERR_OPTIONS */
export function requirePlugin(value: unknown): asserts value is Plugin {
  const problem = problemOf(value);
  if (problem === undefined) return;
  throw optionError(problem.member === '' ? 'plugin' : `plugin.${problem.member}`, problem.expected, problem.found);
}
