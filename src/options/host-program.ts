import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/**
 * The host's program, to resolve modules from. Node makes the path of its program absolute. A relative path here is just an
 * argument, as with `node -e`: then this is Node itself.
 */
export function hostProgram(): string {
  const [, program = ''] = process.argv;
  return isAbsolute(program) ? realpathSync(program) : process.execPath;
}
