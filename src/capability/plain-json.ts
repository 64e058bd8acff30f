/** Deeper values count as not plain. */
const MAX_DEPTH = 100;

/**
 * Whether the value is what its JSON says. Not so for an object with `toJSON` (a Date, a URL) or of a class, whose inherited members
 * JSON leaves out. Such a value must be judged by its JSON.
 */
export function isPlainJson(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0 || typeof (value as { readonly toJSON?: unknown }).toJSON === 'function') return false;
  if (Array.isArray(value)) return value.every((item) => isPlainJson(item, depth - 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) if (!isPlainJson((value as Readonly<Record<string, unknown>>)[key], depth - 1)) return false;
  return true;
}
