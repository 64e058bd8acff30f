/**
 * Some hosts, or their libraries, add enumerable members to `Object.prototype`. zod, ajv and the TOML parser list keys with
 * `for … in` and read inherited members, so every document would have unknown keys, and a missing key would have the added
 * member's value. So such members are removed while a document is read. That is synchronous, so no other code notices.
 * Members that cannot be removed stay: see `parseOwn`.
 */
export function withoutAddedMembers<T>(act: () => T): T {
  const restore = removeAddedMembers();
  try {
    return act();
  } finally {
    restore();
  }
}

/** Removes the added members. Returns a function that restores them. */
export function removeAddedMembers(): () => void {
  // A removed member of a non-extensible object could not be restored.
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
