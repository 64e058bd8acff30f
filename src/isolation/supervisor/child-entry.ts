import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { LoadError, messageOf } from '../../errors/index.js';

/**
 * The path of the program that a child runs: `given`, or the one next to this file. If the host is a bundle, this file has
 * moved, and the package is resolved from the host's program. The current folder is never used: its files may be untrusted.
 * @throws LoadError ERR_CHILD_PROCESS
 */
export function childEntry(given: string | undefined): string {
  if (given !== undefined) return given;
  // Undefined if tests or a bundler compile this as an ES module. In a bundle it is a folder of the host.
  const here = typeof __dirname === 'string' ? __dirname : '';
  const beside = join(dirname(here), 'child', 'main.js');
  if (here.endsWith(`${sep}isolation${sep}supervisor`) && existsSync(beside)) return beside;
  try {
    return createRequire(hostProgram()).resolve('aisopod-plugin/child');
  } catch (cause) {
    const advice = 'If the host is a bundle, set childEntry to the path of dist/isolation/child/main.js of aisopod-plugin.';
    throw new LoadError('ERR_CHILD_PROCESS', { reason: `its program was not found: ${messageOf(cause)}`, advice }, { cause });
  }
}

/** Node makes the path of its program absolute. A relative path here is just an argument, as with `node -e`. */
function hostProgram(): string {
  const [, program = ''] = process.argv;
  return isAbsolute(program) ? realpathSync(program) : process.execPath;
}
