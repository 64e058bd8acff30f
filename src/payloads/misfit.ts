import type { PayloadSchema } from './payload-schema.js';

/** The first part of a value that does not fit. */
export interface Misfit {
  /** A JSON pointer to the part. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

const MAX_SHOWN = 60;

/**
 * Checks a value against a payload's schema. Not Ajv: the schemas use a small part of JSON Schema, every dispatch is checked, and
 * a host that may not generate code can dispatch too. A value that is not JSON, such as a Date, counts as the JSON that it becomes.
 * Throws what a getter or `toJSON` throws.
 */
export function misfitOf(value: unknown, schema: PayloadSchema, pointer = ''): Misfit | undefined {
  const given = hasToJson(value) ? value.toJSON() : value;
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => hasType(given, type))) return { pointer, expected: types.map(named).join(' or '), found: shown(given) };
  if (schema.enum !== undefined && !schema.enum.includes(given as string)) {
    return { pointer, expected: `one of ${schema.enum.join(', ')}`, found: shown(given) };
  }
  if (Array.isArray(given)) return inItems(given, schema, pointer);
  return isObject(given) ? inMembers(given, schema, pointer) : undefined;
}

function inItems(list: readonly unknown[], { items }: PayloadSchema, pointer: string): Misfit | undefined {
  if (items === undefined) return undefined;
  for (const [index, item] of list.entries()) {
    const misfit = misfitOf(item, items, `${pointer}/${index}`);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
}

/** Reads own members only. JSON drops members that are undefined, so they count as absent. */
function inMembers(object: Members, { properties = {}, required = [] }: PayloadSchema, pointer: string): Misfit | undefined {
  const member = (name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined);
  const missing = required.find((name) => member(name) === undefined);
  if (missing !== undefined) return { pointer, expected: `the required key "${missing}"`, found: 'an object without it' };
  for (const [name, schema] of Object.entries(properties)) {
    const value = member(name);
    const misfit = value === undefined ? undefined : misfitOf(value, schema, `${pointer}/${name}`);
    if (misfit !== undefined) return misfit;
  }
  return undefined;
}

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;

const hasToJson = (value: unknown): value is { toJSON(): unknown } => isObject(value) && typeof value.toJSON === 'function';

function hasType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value) && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

const named = (type: string): string => (type === 'null' ? 'null' : `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`);

/** Cut, because errors go to logs, and a value may be a secret. */
function shown(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'object') return Array.isArray(value) ? 'an array' : 'an object';
  if (typeof value === 'bigint') return value.toString();
  const text = String(JSON.stringify(typeof value === 'string' ? value.slice(0, MAX_SHOWN + 1) : value));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
