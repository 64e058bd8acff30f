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
    if (packageIn(folder).name === 'aisopod-plugin') return folder;
  }
  return undefined;
}

/** The version of this package; `undefined` if this code is in a bundle of the host. */
export function packageVersion(): string | undefined {
  const root = packageRoot();
  return root === undefined ? undefined : String(packageIn(root).version);
}

function packageIn(folder: string): { readonly name?: unknown; readonly version?: unknown } {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch {
    return {}; // not a file, or not JSON: not ours
  }
}
