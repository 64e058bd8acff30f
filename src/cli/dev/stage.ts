import { copyFile, mkdir, mkdtemp, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { libraryFilename } from '../../scan/index.js';
import { removeHeld, renameHeld } from '../../trust/index.js';
import { otherFiles, type BuiltPlugin } from './find-plugin.js';

/** A plugin folder of `dev`, into which each build that succeeded is copied: what runs is never a file that a linker is writing. */
export class Stage {
  private constructor(
    /** Temporary; removed by `remove`. */
    readonly folder: string,
  ) {}

  static async make(): Promise<Stage> {
    return new Stage(await mkdtemp(join(await realpath(tmpdir()), 'aisopod-dev-')));
  }

  /** The folder to scan. */
  get pluginDir(): string {
    return join(this.folder, 'plugins');
  }

  get stateDir(): string {
    return join(this.folder, 'state');
  }

  /** Copies the files of a plugin that have changed. Returns its folder. */
  async put(built: BuiltPlugin): Promise<string> {
    const { id, entryPoint } = built.manifest.plugin;
    const folder = join(this.pluginDir, id);
    const copies = (await otherFiles(built)).map((name) => [join(built.folder, name), join(folder, name)] as const);
    for (const [from, to] of [...copies, [built.library, join(folder, libraryFilename(entryPoint))] as const]) await replace(from, to);
    return folder;
  }

  async remove(): Promise<void> {
    await removeHeld(this.folder).catch(() => undefined); // Windows keeps the file of an open library
  }
}

/** Renames a copy over the file, which somebody may have open. */
async function replace(from: string, to: string): Promise<void> {
  const [source, present] = await Promise.all([stat(from), stat(to).catch(() => undefined)]);
  if (present?.size === source.size && present.mtimeMs > source.mtimeMs) return;
  await mkdir(dirname(to), { recursive: true });
  const copy = `${to}.new`;
  await copyFile(from, copy);
  // Windows renames an open library, but does not replace it.
  if (process.platform === 'win32' && present !== undefined) await renameHeld(to, `${to}.${Date.now()}.old`);
  await renameHeld(copy, to);
}
