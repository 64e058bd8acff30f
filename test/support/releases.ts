import { closeSync, copyFileSync, cpSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { libraryFileName, projectRoot } from './fixtures.js';

const releaseDir = (release: 1 | 2): string => path.join(projectRoot, 'build', 'releases', `updated-${release}`);
const FILES = [libraryFileName('updated'), 'aisopod.plugin.toml'];

/** A first installation of the plugin `updated`, in `folder`/updated. Returns the plugin folder. */
export function install(folder: string, release: 1 | 2): string {
  const plugin = path.join(folder, 'updated');
  cpSync(releaseDir(release), plugin, { recursive: true });
  return plugin;
}

/** How an installer puts another file in place: `rename` makes it another inode, `overwrite` is what cp does. */
export type Way = 'rename' | 'overwrite';

export function update(plugin: string, release: 1 | 2, way: Way, files: readonly string[] = FILES): void {
  for (const file of files) {
    const [from, to] = [path.join(releaseDir(release), file), path.join(plugin, file)];
    if (way === 'overwrite') overwrite(to, readFileSync(from));
    else {
      copyFileSync(from, `${to}.new`);
      // A DLL that is loaded can be renamed there, but not replaced.
      if (process.platform === 'win32') renameSync(to, `${to}.${Date.now()}.old`);
      renameSync(`${to}.new`, to);
    }
  }
}

function overwrite(file: string, bytes: Buffer): void {
  const descriptor = openSync(file, 'r+');
  ftruncateSync(descriptor, 0);
  writeSync(descriptor, bytes);
  closeSync(descriptor);
}
