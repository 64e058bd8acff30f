import { basename } from 'node:path';

/** Whether a program has the name of Node. Another name may be that of the host itself, packaged as one file. */
export const isNamedNode = (program: string): boolean => /^node(js)?([-_.\d].*)?$/i.test(basename(program));

/** The name of the runtime of this process if it is not Node. Both run programs for Node, and claim to be a version of it. */
export function otherRuntime(): 'Bun' | 'Deno' | undefined {
  if (process.versions.bun !== undefined) return 'Bun';
  return process.versions.deno === undefined ? undefined : 'Deno';
}
