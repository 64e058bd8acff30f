import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** From the deepest file of a build to the root of the package. */
const MAX_LEVELS = 5;

/**
 * The folder of this package; `undefined` if this code is in a bundle of the host. Not `__dirname` with a fixed
 * number of levels: the number differs between the programs of the build, and an ES module has no `__dirname`.
 */
export function packageRoot(): string | undefined {
  let folder = typeof __dirname === 'string' ? __dirname : '';
  for (let level = 0; folder !== '' && level < MAX_LEVELS; level++, folder = dirname(folder)) {
    if (nameIn(join(folder, 'package.json')) === 'aisopod-plugin') return folder;
  }
  return undefined;
}

function nameIn(file: string): unknown {
  if (!existsSync(file)) return undefined;
  try {
    const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown };
    return name;
  } catch {
    return undefined; // not a file, or not JSON: not ours
  }
}
