import type * as z from 'zod';
import { LoadError, PluginError, messageOf, nearest } from '../errors/index.js';
import { withoutAddedMembers } from './added-members.js';
import { isOptionsObject } from './options-object.js';
import { describe } from './option-error.js';

/**
 * Checks options against their schema and returns them. `at` is their path inside other options. Throws the first problem.
 * @throws LoadError ERR_OPTIONS; ERR_TRUST_OPTIONS for an option in `trust`
 */
export function readOptions<T>(schema: z.ZodType<T>, given: unknown, ...at: readonly string[]): T {
  const result = parse(schema, given, at);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue === undefined ? result.error : toError(issue, at);
}

function parse<T>(schema: z.ZodType<T>, given: unknown, at: readonly string[]): z.ZodSafeParseResult<T> {
  try {
    // Compiling a schema that is used once takes longer than interpreting it.
    return withoutAddedMembers(() => schema.safeParse(given, { reportInput: true, jitless: true }));
  } catch (cause) {
    if (cause instanceof PluginError) throw cause;
    const option = at.length === 0 ? 'options' : pathText(at);
    throw new LoadError('ERR_OPTIONS', { option, expected: 'options that can be read', found: messageOf(cause) }, { cause });
  }
}

function toError(issue: z.core.$ZodIssue, at: readonly string[]): LoadError {
  const path = [...at, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = JSON.parse(issue.message) as readonly string[];
    const meant = nearestOrEnding(key, known);
    const expected = meant === undefined ? `one of the names ${known.join(', ')}` : `a known name (did you mean ${meant}?)`;
    return errorAt([...path, key], expected, 'an unknown name', meant);
  }
  if (issue.code === 'invalid_key') return errorAt(path, issue.issues[0]?.message ?? 'another name', describe(issue.input));
  const misplaced = issue.code === 'custom' ? misplacedName(issue.input, issue.params?.siblings) : undefined;
  if (misplaced !== undefined) return errorAt(path, issue.message, `an object with the unknown name ${misplaced.key}`, misplaced.meant);
  const isSecret = issue.code === 'custom' && issue.params?.isSecret === true;
  return errorAt(path, issue.message, isSecret ? typeOf(issue.input) : describe(issue.input));
}

/** The first name in an object that was passed instead of a plain value, and the sibling option that was probably meant. */
function misplacedName(input: unknown, siblings: unknown): { readonly key: string; readonly meant: string | undefined } | undefined {
  const [key] = isOptionsObject(input) && Array.isArray(siblings) ? Object.keys(input) : [];
  return key === undefined ? undefined : { key, meant: nearestOrEnding(key, siblings as readonly string[]) };
}

/** The nearest name, or the one that `word` ends with: `keys` for `pubKeys`. */
const nearestOrEnding = (word: string, known: readonly string[]): string | undefined =>
  nearest(word, known) ?? known.find((name) => word.toLowerCase().endsWith(name.toLowerCase()));

function errorAt(path: readonly PropertyKey[], expected: string, found: string, meant?: string): LoadError {
  const [first, ...rest] = path;
  const more = meant === undefined ? {} : { nearest: meant };
  return first === 'trust' && rest.length > 0
    ? new LoadError('ERR_TRUST_OPTIONS', { option: pathText(rest), expected, found, ...more })
    : new LoadError('ERR_OPTIONS', { option: path.length === 0 ? 'options' : pathText(path), expected, found, ...more });
}

/** `processes.restart.most`, `plugins[0].id` */
const pathText = (path: readonly PropertyKey[]): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('');

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`);
