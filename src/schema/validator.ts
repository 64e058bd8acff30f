import type { ValidateFunction } from 'ajv';
import { messageOf } from '../errors/index.js';
import { withoutAddedMembers } from '../options/added-members.js';
import { Backoff } from './backoff.js';
import { compile, tooDeep } from './compile.js';
import { costOf } from './cost.js';
import { describeFailure, describeNonObject, type ValidationFailure } from './failure.js';
import { requireSchema } from './require-schema.js';
import { TimeoutError, withinTime } from './time-limit.js';

/**
 * Checks a value against a JSON Schema; `undefined` if it fits. With `useDefaults`, missing members get their defaults.
 * `length` is the length of the value's JSON, which the time limit depends on. Never throws. A value whose check fails or
 * times out does not fit.
 */
export type Validator = (value: unknown, length: number) => ValidationFailure | undefined;

/** The schema of a tool without one. It is not compiled, so it works if Node may not generate code: see `requireCodeGeneration`. */
const ANY_OBJECT = JSON.stringify({ type: 'object' });

const REFERENCE = /"\$(?:ref|dynamicRef|recursiveRef)":/;

/** @throws Error with Ajv's message if it is not a valid schema or takes too long to compile; LoadError ERR_PROTOTYPE_MEMBERS */
export function compileSchema(schema: unknown, { useDefaults = false } = {}): Validator {
  requireSchema(schema);
  // Ajv's own keyword: the validator would return a promise, which counts as `true`.
  if (typeof schema === 'object' && Object.hasOwn(schema, '$async')) throw new Error('$async is not a keyword of JSON Schema');
  const json = jsonOf(schema);
  if (json === ANY_OBJECT) return describeNonObject;
  const validate = compile(json, useDefaults);
  // The schema path in an Ajv error starts at the last reference, so it is useless if the schema has references.
  const shown = REFERENCE.test(json) ? undefined : validate.schema;
  const { checkMs } = costOf(json);
  const backoff = new Backoff();
  return (value, length) => {
    const limit = checkMs(length);
    const wait = limit === undefined ? 0 : backoff.remaining();
    if (wait > 0) return unfinished(`a recent timeout; retry in ${Math.ceil(wait / 1000)} s`);
    try {
      const run = (): ValidationFailure | undefined => check(validate, value, shown);
      return withoutAddedMembers(() => (limit === undefined ? run() : withinTime(limit, run)));
    } catch (error) {
      if (!(error instanceof TimeoutError)) return unfinished(`an error: ${messageOf(error)}`);
      backoff.begin();
      return unfinished(`a timeout after ${error.limitMs} ms`);
    }
  };
}

function jsonOf(schema: object | boolean): string {
  try {
    return JSON.stringify(schema);
  } catch (error) {
    throw error instanceof RangeError ? tooDeep(error) : error;
  }
}

const unfinished = (found: string): ValidationFailure => ({ pointer: '', expected: 'schema validation to finish', found });

function check(validate: ValidateFunction, value: unknown, schema: unknown): ValidationFailure | undefined {
  if (validate(value)) return undefined;
  const failure = describeFailure(validate.errors?.[0], value, schema);
  validate.errors = null; // they may be large, and the next call may never come
  return failure;
}
