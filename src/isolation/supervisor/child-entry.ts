import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LoadError, messageOf } from '../../errors/index.js';
import { packageRoot } from '../../files/index.js';
import { hostProgram } from '../../options/host-program.js';

/**
 * The path of the program that a child runs: `given`, or the one in this package. If the host is a bundle, this code is in
 * another package, and ours is resolved from the host's program. The current folder is never used: its files may be untrusted.
 * @throws LoadError ERR_CHILD_PROCESS
 */
export function childEntry(given: string | undefined): string {
  if (given !== undefined) return given;
  const root = packageRoot();
  const own = root === undefined ? undefined : join(root, 'dist', 'isolation', 'child', 'main.js');
  if (own !== undefined && existsSync(own)) return own;
  try {
    return createRequire(hostProgram()).resolve('aisopod-plugin/child');
  } catch (cause) {
    const advice = 'If the host is a bundle, set childEntry to the path of dist/isolation/child/main.js of aisopod-plugin.';
    throw new LoadError('ERR_CHILD_PROCESS', { reason: `its program was not found: ${messageOf(cause)}`, advice }, { cause });
  }
}

/** Whether it is the program of this package. Another one may do what the sandbox forbids before it runs this. */
export const isOwnEntry = (entry: string | undefined): boolean => entry === undefined || existsSync(launcherBeside(entry));

const launcherBeside = (program: string): string => join(dirname(program), '..', 'sandbox', 'launcher.js');

/**
 * The program that restricts a sandboxed child before it runs its own. It is built beside that one; another `entry` may be
 * anywhere. @throws LoadError ERR_CHILD_PROCESS
 */
export function launcherOf(entry: string): string {
  return launcherBeside(isOwnEntry(entry) ? entry : childEntry(undefined));
}
