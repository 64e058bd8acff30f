/**
 * The system's code (`ENOENT`) of an error, where it has one. Not by `instanceof`: in a consumer's jest Node's own errors
 * come from another realm.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
