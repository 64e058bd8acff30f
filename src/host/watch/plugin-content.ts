import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../../errors/index.js';
import { MANIFEST_FILENAME } from '../../manifest/index.js';
import { LIBRARY_NAME, currentPlatform, libraryFolders, type LibraryPlatform } from '../../scan/index.js';

/** What is told of folders: each that has such files, before it is read, so that no later change is missed. */
export interface FolderObserver {
  /** False if the folder does not exist. */
  readonly add: (folder: string) => Promise<boolean>;
  readonly remove: (folder: string) => void;
}

let platform: LibraryPlatform | undefined;

/** The schema of a configuration has such a name. What the manifest says is not known here. */
const SCHEMA_NAME = /\.json$/i;

/** Text that changes when the manifest, a library or a JSON file in a plugin folder changes; undefined without a manifest. */
export async function pluginContent(folder: string, observer: FolderObserver): Promise<string | undefined> {
  const lines: string[] = [];
  for (const place of libraryFolders(folder, (platform ??= currentPlatform()))) {
    const real = await realpath(place).catch(() => undefined);
    if (real === undefined) observer.remove(place);
    else if (await observer.add(real)) lines.push(...(await filesIn(real, place === folder, observer)));
  }
  return lines.some((line) => line.startsWith(`${MANIFEST_FILENAME} `)) ? lines.join('\n') : undefined;
}

async function filesIn(real: string, isTop: boolean, { add }: FolderObserver): Promise<string[]> {
  try {
    const lines: string[] = [];
    for (const entry of (await readdir(real, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry;
      if (!LIBRARY_NAME.test(name) && !(isTop && (name === MANIFEST_FILENAME || SCHEMA_NAME.test(name)))) continue;
      const path = join(real, name);
      if (entry.isSymbolicLink()) await realpath(path).then((target) => add(dirname(target)), () => false);
      lines.push(`${name} ${await contentOf(path)}`);
    }
    return lines;
  } catch (error) {
    return [`unreadable: ${systemCode(error) ?? ''}`];
  }
}

/** The ctime is left out: a new mode or hard link does not change the content. */
async function contentOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}`;
  } catch (error) {
    return systemCode(error) ?? 'unreadable';
  }
}
