/**
 * Whether a parsed JSON value nests lists and objects more than `levels` deep. JSON.parse accepts any depth. Code that walks
 * the value may overflow the stack, and whether JSON.stringify does depends on the version of Node.
 */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
