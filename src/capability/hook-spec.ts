import type { HookName } from '../manifest/hook-names.js';
import { nearest } from '../errors/index.js';
import { ownCopy } from '../options/parse-own.js';

/** The spec of a hook. */
export interface HookSpec {
  /** Handlers with a higher priority run first; equal ones run in plugin order. Default 0. */
  readonly priority?: number | undefined;
  /** Only for the two tool hooks: the handler runs only for tools whose name matches one of these. `*` stands for any characters. */
  readonly match?: readonly string[] | undefined;
  /** Only for `Before…` hooks: if the handler fails, that counts as a veto. Default false. */
  readonly failClosed?: boolean | undefined;
}

const KEYS: readonly (keyof HookSpec)[] = ['priority', 'match', 'failClosed'];
const TOOL_HOOKS: readonly HookName[] = ['BeforeToolExecute', 'AfterToolExecute'];
const MAX_PRIORITY = 1_000_000;
const MAX_PATTERNS = 1000;
const PATTERN = /^[A-Za-z0-9_*-]{1,128}$/;

/** Whether handlers of this hook can change the data and veto. */
export const mayVeto = (name: string): boolean => name.startsWith('Before');

/** Unknown keys are refused: a mistyped `failClosed` must not be ignored. @throws Error if the spec does not fit the hook */
export function readHookSpec(spec: unknown, name: string): HookSpec {
  if (spec === undefined || spec === null) return {};
  if (typeof spec !== 'object' || Array.isArray(spec)) throw new Error('expected an object');
  const own = ownCopy(spec as Record<keyof HookSpec, unknown>, 1);
  for (const key of Object.keys(own)) if (!(KEYS as readonly string[]).includes(key)) throw unknownKey(key);
  const { priority, match, failClosed } = own;
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority as number) <= MAX_PRIORITY)) {
    throw wrong('priority', `a whole number, ${-MAX_PRIORITY} to ${MAX_PRIORITY}`, priority);
  }
  if (match !== undefined) checkMatch(match, name);
  if (failClosed !== undefined && typeof failClosed !== 'boolean') throw wrong('failClosed', 'a boolean', failClosed);
  if (failClosed === true && !mayVeto(name)) throw new Error('failClosed: expected a hook that can veto (its name begins with Before)');
  return own as HookSpec;
}

function unknownKey(key: string): Error {
  const meant = nearest(key, KEYS);
  return new Error(`unknown key ${JSON.stringify(key)}${meant === undefined ? '' : ` (did you mean ${meant}?)`}: expected ${KEYS.join(', ')}`);
}

function checkMatch(match: unknown, name: string): void {
  if (!(TOOL_HOOKS as readonly string[]).includes(name)) throw new Error(`match: expected one of the tool hooks (${TOOL_HOOKS.join(', ')})`);
  const isList = Array.isArray(match) && match.length > 0 && match.length <= MAX_PATTERNS;
  if (!isList) throw wrong('match', `1 to ${MAX_PATTERNS} patterns`, match);
  const bad: unknown = match.find((pattern: unknown) => typeof pattern !== 'string' || !PATTERN.test(pattern));
  if (bad !== undefined) throw wrong('match', 'patterns of A-Z, a-z, 0-9, "_", "-" and "*"', bad);
}

const wrong = (key: keyof HookSpec, expected: string, found: unknown): Error =>
  new Error(`${key}: expected ${expected}, found ${String(JSON.stringify(found)).slice(0, 100)}`);

/** Whether a name matches a pattern in which `*` stands for any characters. Takes linear time for each `*`. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === name;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
