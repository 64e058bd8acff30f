import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { LoadError, messageOf } from '../../errors/index.js';

/**
 * The program that a child runs: `given`, or beside this file, or in the package as the host's program sees it (for a host
 * that is a bundle, and has this file no longer where it was). Never by the current folder: that may be a stranger's.
 * @throws LoadError ERR_CHILD_PROCESS
 */
export function childEntry(given: string | undefined): string {
  if (given !== undefined) return given;
  // Not defined in an ES module, as which tests and bundlers may compile this. In a bundle it is a folder of the host's.
  const here = typeof __dirname === 'string' ? __dirname : '';
  const beside = join(dirname(here), 'child', 'main.js');
  if (here.endsWith(`${sep}isolation${sep}supervisor`) && existsSync(beside)) return beside;
  try {
    return createRequire(hostProgram()).resolve('aisopod-plugin/child');
  } catch (cause) {
    const advice = 'Where the host is a bundle, give childEntry: the path of dist/isolation/child/main.js of aisopod-plugin.';
    throw new LoadError('ERR_CHILD_PROCESS', { reason: `its program was not found: ${messageOf(cause)}`, advice }, { cause });
  }
}

/** A relative path here is not what Node was started with: Node makes that absolute. With `node -e` it is any argument. */
function hostProgram(): string {
  const [, program = ''] = process.argv;
  return isAbsolute(program) ? realpathSync(program) : process.execPath;
}
