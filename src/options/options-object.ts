/** Not a list, a map, a promise or a date: those have no members of the names that options have, and would count as empty. */
export function isOptionsObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]';
}
