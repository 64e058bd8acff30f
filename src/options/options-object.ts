/** False for an array, Map, Promise or Date: they have no members with the names of options, so they would count as empty. */
export function isOptionsObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]';
}
