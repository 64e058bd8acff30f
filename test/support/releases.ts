import { closeSync, copyFileSync, cpSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { libraryFileName, projectRoot } from './fixtures.js';

/** A build of a plugin that has several: `updated-1`, `reloaded-crashes-in-init`. Its plugin is named by what is before the first hyphen. */
const folderOfBuild = (build: string): string => path.join(projectRoot, 'build', 'releases', build);
const idOf = (build: string): string => build.split('-')[0] ?? '';

/** A first installation of a build, in `folder`/<id>. Returns the plugin folder. */
export function installBuild(folder: string, build: string): string {
  const plugin = path.join(folder, idOf(build));
  cpSync(folderOfBuild(build), plugin, { recursive: true });
  return plugin;
}

/** A first installation of the plugin `updated`, in `folder`/updated. Returns the plugin folder. */
export const install = (folder: string, release: 1 | 2): string => installBuild(folder, `updated-${release}`);

/** How an installer puts another file in place: `rename` makes it another inode, `overwrite` is what cp does. */
export type Way = 'rename' | 'overwrite';

export const update = (plugin: string, release: 1 | 2, way: Way, files?: readonly string[]): void => putBuild(plugin, `updated-${release}`, way, files);

/** Puts the files of another build in place. */
export function putBuild(plugin: string, build: string, way: Way = 'rename', files: readonly string[] = [libraryFileName(idOf(build)), 'aisopod.plugin.toml']): void {
  for (const file of files) {
    const [from, to] = [path.join(folderOfBuild(build), file), path.join(plugin, file)];
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
