import { isOptionsObject as isObject } from '../options/options-object.js';

/** Local references are followed so far. */
const MAX_DEPTH = 16;

/**
 * Whether an object can fit the schema, as far as `type`, `const`, `enum`, `allOf`, `anyOf`, `oneOf` and local references say. True in
 * case of doubt: that an object fits cannot be decided in general.
 */
export function fitsObjects(schema: unknown, root = schema, depth = MAX_DEPTH): boolean {
  if (schema === false) return false;
  if (!isObject(schema) || depth === 0) return true;
  const fits = (other: unknown): boolean => fitsObjects(other, root, depth - 1);
  const own = (key: string): unknown => (Object.hasOwn(schema, key) ? schema[key] : undefined);
  const list = (key: string): readonly unknown[] | undefined => (Array.isArray(own(key)) ? (own(key) as readonly unknown[]) : undefined);
  const [type, ref] = [own('type'), own('$ref')];
  if (type !== undefined && ![type].flat().includes('object')) return false;
  if (Object.hasOwn(schema, 'const') && !isObject(schema.const)) return false;
  if (list('enum')?.some(isObject) === false) return false;
  if (list('allOf')?.every(fits) === false || list('anyOf')?.some(fits) === false || list('oneOf')?.some(fits) === false) return false;
  return typeof ref !== 'string' || !ref.startsWith('#/') || fits(memberAt(root, ref));
}

/** What a JSON pointer such as `#/$defs/name` points to. */
function memberAt(root: unknown, pointer: string): unknown {
  const names = pointer.slice(2).split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined), root);
}
