/** The keys of a JSON pointer: `['a/b', '0']` of `/a~1b/0`. */
export const keysOf = (pointer: string): string[] =>
  pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The value at a JSON pointer; `undefined` if there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  let here = value;
  for (const key of keysOf(pointer)) {
    here = typeof here === 'object' && here !== null && Object.hasOwn(here, key) ? (here as Record<string, unknown>)[key] : undefined;
  }
  return here;
}
