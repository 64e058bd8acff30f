import type { ErrorObject } from 'ajv';

/** The first thing that does not fit: a JSON pointer inside the value, what was expected, what was found. */
export interface ValidationFailure {
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

/** A plugin's schema decides how long a pattern or a property name is. */
const MAX_EXPECTED = 500;
const MAX_SHOWN = 60;

const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text);

export function describeFailure(error: ErrorObject | undefined, value: unknown): ValidationFailure {
  if (error === undefined) return { pointer: '', expected: 'a value that fits the schema', found: typeNameOf(value) };
  const detail = error.keyword === 'additionalProperties' ? ` "${String(error.params.additionalProperty)}"` : '';
  const expected = error.message === undefined ? error.keyword : error.message.replace(/^must /, 'to ') + detail;
  return { pointer: error.instancePath, expected: cut(expected, MAX_EXPECTED), found: shown(valueAt(value, error.instancePath)) };
}

/** What Ajv says of a value that is no object where `type` is `object`. */
export function describeNonObject(value: unknown): ValidationFailure | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return undefined;
  return { pointer: '', expected: 'to be object', found: shown(value) };
}

function valueAt(value: unknown, pointer: string): unknown {
  let here = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    here = typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[key] : undefined;
  }
  return here;
}

function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : typeof value;
}

/** Cut, because errors go to logs and a value may be a secret. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return typeNameOf(value);
  return cut(JSON.stringify(typeof value === 'string' ? value.slice(0, MAX_SHOWN + 1) : value) ?? 'undefined', MAX_SHOWN);
}
