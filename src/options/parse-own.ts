import type * as z from 'zod';
import { hasAddedMembers, withoutAddedMembers } from './added-members.js';
import { isOptionsObject } from './options-object.js';

/**
 * `schema.safeParse` for a document from JSON or TOML. Reads own members only: if members of `Object.prototype` cannot be
 * removed (it may be frozen), the schema and the caller get copies that do not inherit from it.
 */
export function parseOwn<S extends z.ZodType>(schema: S, document: unknown): z.ZodSafeParseResult<z.output<S>> {
  return withoutAddedMembers(() => {
    if (!hasAddedMembers()) return schema.safeParse(document);
    const result = schema.safeParse(ownCopy(document));
    return result.success ? { ...result, data: ownCopy(result.data) } : result;
  });
}

/** Makes zod prepare a union now. At its first use, Object.prototype may have members that make this fail. */
export function prepared<S extends z.ZodType>(union: S): S {
  union.safeParse({});
  return union;
}

/** Deeper than any schema of this package reads. */
const MAX_DEPTH = 8;

/** A copy whose objects have no prototype, down to a depth. */
export function ownCopy<T>(value: T, depth = MAX_DEPTH): T {
  if (depth === 0) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => ownCopy(item, depth - 1)) as T;
  if (!isOptionsObject(value)) return value;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) copy[key] = ownCopy(item, depth - 1);
  return copy as T;
}
