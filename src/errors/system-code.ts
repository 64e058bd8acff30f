/**
 * The operating system's code (such as `ENOENT`) of an error, if it has one. Does not use `instanceof`: in a consumer's
 * jest, Node's errors come from another realm.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
