/**
 * Tells which of a union it is, by a member that only one has. Not `in`: code in the host may have added a member with that name
 * to every object.
 */
export const hasOwn = <T extends object, K extends PropertyKey>(object: T, key: K): object is Extract<T, Record<K, unknown>> => Object.hasOwn(object, key);
