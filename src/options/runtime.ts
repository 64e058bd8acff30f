/** The name of the runtime of this process if it is not Node. Both run programs for Node, and claim to be a version of it. */
export function otherRuntime(): 'Bun' | 'Deno' | undefined {
  if (process.versions.bun !== undefined) return 'Bun';
  return process.versions.deno === undefined ? undefined : 'Deno';
}
