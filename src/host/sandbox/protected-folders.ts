import { dirname, join } from 'node:path';
import { packageRoot } from '../../files/index.js';
import { koffiPath } from '../../library/index.js';
import { isPrivateFolder } from '../../trust/index.js';
import { isInside } from '../../trust/path-safety.js';
import { isWithin } from './covers.js';
import { futureRealPath } from './real-path.js';
import { temporaryFolder } from '../../options/folders.js';

export interface HostFolders {
  readonly pluginDirs: readonly string[];
  readonly dataDir: string;
  /** Absent if this user has no home folder. */
  readonly stateDir: string | undefined;
  readonly cacheDir: string;
  /** Absent if they are in the system's temporary folder. */
  readonly copyDir?: string | undefined;
}

/** No plugin may change these: it would control the host or other plugins. */
export class ProtectedFolders {
  private constructor(
    private readonly folders: readonly { readonly path: string; readonly what: string }[],
    private readonly dataDir: string,
    /** Contains private folders of the host. */
    private readonly temporary: readonly string[],
  ) {}

  static async of(host: HostFolders): Promise<ProtectedFolders> {
    const named = [
      ...host.pluginDirs.map((path) => ({ path, what: 'a folder with plugins' })),
      ...(host.stateDir === undefined ? [] : [{ path: host.stateDir, what: "the host's state folder" }]),
      { path: host.cacheDir, what: "the host's cache" },
      ...[packageRoot() ?? [], dirname(koffiPath())].flat().map((path) => ({ path, what: 'this package' })),
      { path: process.execPath, what: 'Node' },
    ];
    const folders = await Promise.all(named.map(async ({ path, what }) => ({ path: await futureRealPath(path), what })));
    const temporary = await Promise.all([temporaryFolder(), ...(host.copyDir === undefined ? [] : [host.copyDir])].map(futureRealPath));
    return new ProtectedFolders(folders, await futureRealPath(host.dataDir), temporary);
  }

  /** Why a plugin must not get write access to this real path; `undefined` if it may. */
  problemOf(path: string, pluginId: string, pluginFolder: string): string | undefined {
    const overlaps = (folder: string): boolean => isWithin(folder, path) || isInside(path, folder);
    if (overlaps(pluginFolder)) return 'it would change the plugin itself';
    const found = this.folders.find((folder) => overlaps(folder.path));
    if (found !== undefined) return `it would change ${found.what} (${found.path})`;
    const isOwn = isWithin(join(this.dataDir, pluginId), path);
    if (overlaps(this.dataDir) && !isOwn) return 'it would change the data of other plugins';
    const holdsPrivate = this.temporary.some((folder) => isWithin(path, folder)) || isPrivateFolder(path);
    return holdsPrivate ? 'it would change private folders of the host' : undefined;
  }
}
