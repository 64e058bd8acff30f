/**
 * Some hosts, or libraries of theirs, add enumerable members to `Object.prototype`. zod, ajv and the TOML parser list keys
 * with `for … in` and read members that may be inherited, so every document would have unknown keys, and a missing key the
 * added member's value. Such members are therefore taken away while a document is read. That is synchronous: no other
 * code runs meanwhile. Members that cannot be removed stay: see `parseOwn`.
 */
export function withoutAddedMembers<T>(act: () => T): T {
  const restore = removeAddedMembers();
  try {
    return act();
  } finally {
    restore();
  }
}

/** Returns what puts them back. */
export function removeAddedMembers(): () => void {
  // What is removed from an object that is not extensible cannot be put back.
  if (!hasAddedMembers() || !Object.isExtensible(Object.prototype)) return () => undefined;
  const added = Object.entries(Object.getOwnPropertyDescriptors(Object.prototype)).filter(
    ([, { enumerable, configurable }]) => enumerable === true && configurable === true,
  );
  for (const [key] of added) Reflect.deleteProperty(Object.prototype, key);
  return () => {
    for (const [key, descriptor] of added) Object.defineProperty(Object.prototype, key, descriptor);
  };
}

export function hasAddedMembers(): boolean {
  for (const key in {}) return key !== undefined;
  return false;
}
