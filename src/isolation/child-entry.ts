import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LoadError, messageOf } from '../errors/index.js';

/**
 * The program that a child runs: `given`, or beside this file, or in the package as the host's folder sees it (for a host
 * that is a bundle, and has this file no longer where it was).
 * @throws LoadError ERR_CHILD_PROCESS
 */
export function childEntry(given: string | undefined): string {
  if (given !== undefined) return given;
  // Not defined in an ES module, which this is only where tests compile it so.
  const beside = typeof __dirname === 'string' ? join(__dirname, 'child', 'main.js') : '';
  if (beside !== '' && existsSync(beside)) return beside;
  try {
    return createRequire(join(process.cwd(), 'host.js')).resolve('aisopod-plugin/child');
  } catch (cause) {
    const advice = 'Where the host is a bundle, give childEntry: the path of dist/isolation/child/main.js of aisopod-plugin.';
    throw new LoadError('ERR_CHILD_PROCESS', { reason: `its program was not found: ${messageOf(cause)}`, advice }, { cause });
  }
}
