/**
 * Some hosts, or their libraries, add enumerable members to `Object.prototype`. zod, Ajv and the TOML parser list keys with
 * `for … in` and read inherited members, so every document would have unknown keys, and a missing key would have the added
 * member's value. So such members are removed while a document is read. That is synchronous, so no other code notices.
 *
 * A member that can be neither deleted nor hidden is still listed: see `parseOwn`. If it is writable, its value is `undefined`
 * meanwhile.
 */
export function withoutAddedMembers<T>(act: () => T): T {
  const restore = removeAddedMembers();
  try {
    return act();
  } finally {
    restore();
  }
}

type Member = readonly [name: string, descriptor: PropertyDescriptor];

/** Removes the added members. Returns a function that restores them. */
export function removeAddedMembers(): () => void {
  if (!hasAddedMembers()) return () => undefined;
  const removed = enumerableMembers().filter(remove);
  return () => {
    for (const [name, descriptor] of removed) Object.defineProperty(Object.prototype, name, descriptor);
  };
}

export function hasAddedMembers(): boolean {
  for (const key in {}) return key !== undefined;
  return false;
}

/** The names of all enumerable members of Object.prototype. */
export const listedMembers = (): readonly string[] => enumerableMembers().map(([name]) => name);

function enumerableMembers(): readonly Member[] {
  const members = Object.entries(Object.getOwnPropertyDescriptors(Object.prototype));
  // No prototype: an added member may be named `get` or `value`.
  for (const [, descriptor] of members) Object.setPrototypeOf(descriptor, null);
  return members.filter(([, descriptor]) => descriptor.enumerable);
}

/** Deletes, hides or clears a member. False if the member cannot be changed. */
function remove([name, { configurable = false, writable = false }]: Member): boolean {
  // A deleted member of a non-extensible object could not be restored.
  if (configurable && Object.isExtensible(Object.prototype)) return Reflect.deleteProperty(Object.prototype, name);
  if (!configurable && !writable) return false;
  const cleared: PropertyDescriptor = Object.assign(Object.create(null) as object, { value: undefined }, configurable && { enumerable: false, writable: true });
  return Reflect.defineProperty(Object.prototype, name, cleared);
}
