import { LoadError } from '../../errors/index.js';
import { PERMISSION_KEYS, type PermissionLists } from '../../report/permissions.js';
import type { Candidate } from '../../scan/index.js';
import { dataFolder, makeCopyDir, makeTemporary, removeFolders, type Folders } from './own-folders.js';
import type { HostFolders } from './protected-folders.js';
import { futureRealPath } from './real-path.js';

interface Started {
  /** The plugin whose permissions the process has. */
  readonly first: string;
  readonly permissions: string;
  readonly folders: Folders;
}

/** The sandbox of a process that plugins share. The process cannot get more after its start. */
export class SharedSandbox {
  /** The plugins that are about to be loaded. */
  readonly #expected = new Map<string, Candidate>();
  /** The plugins in the process: several generations of a plugin may be in it. */
  readonly #inside = new Set<object>();
  #started: Started | undefined;
  #copyDir: Promise<string | undefined> | undefined;

  constructor(
    private readonly name: string,
    private readonly hostFolders: Pick<HostFolders, 'dataDir' | 'copyDir'>,
    /** The known plugins that may be loaded into it later. */
    private readonly known: () => readonly Candidate[],
  ) {}

  expect(candidate: Candidate): void {
    this.#expected.set(candidate.id, candidate);
  }

  /** The folder for private copies of its plugins, if it could be made. */
  copyDir(): Promise<string | undefined> {
    return (this.#copyDir ??= makeCopyDir(this.hostFolders.copyDir));
  }

  /**
   * The folders of the process, for a plugin that was granted these permissions. `isEnforced`: the system restricts the process.
   * @throws LoadError ERR_SHARED_GRANTS, ERR_IO
   */
  async enter(plugin: object, candidate: Candidate, granted: PermissionLists, isEnforced: boolean): Promise<Folders> {
    const permissions = textOf(granted);
    const running = this.#inside.size > 0 ? this.#started : undefined;
    const { first, folders, ...started } = running ?? (await this.#restart(candidate, permissions, isEnforced));
    const refuse = (expected: string, found: string): LoadError =>
      new LoadError('ERR_SHARED_GRANTS', { processName: this.name, expected, found }, { pluginId: candidate.id, path: candidate.path });
    if (started.permissions !== permissions) throw refuse(`the permissions of ${first} (${started.permissions})`, permissions);
    const folder = await futureRealPath(candidate.path);
    if (isEnforced && !folders.read.includes(folder)) throw refuse('a plugin that was known when the process started', folder);
    this.#inside.add(plugin);
    return folders;
  }

  /** The process ends with its last plugin. */
  async leave(plugin: object, { id }: Candidate): Promise<void> {
    this.#expected.delete(id);
    if (!this.#inside.delete(plugin) || this.#inside.size > 0) return;
    const copyDir = this.#copyDir;
    this.#copyDir = undefined;
    await removeFolders(this.#end(), await copyDir);
  }

  #end(): string | undefined {
    const { temporary } = this.#started?.folders ?? {};
    this.#started = undefined;
    return temporary;
  }

  /** Decides what the process will have: it starts with the next plugin that enters. */
  async #restart(candidate: Candidate, permissions: string, isEnforced: boolean): Promise<Started> {
    await removeFolders(this.#end());
    const members = [...new Map([...this.known(), ...this.#expected.values()].map((member) => [member.path, member])).values()];
    const plugins = await Promise.all(members.map(({ path }) => futureRealPath(path)));
    const data = await Promise.all(members.map((member) => dataFolder(member, this.hostFolders.dataDir, isEnforced)));
    const temporary = await makeTemporary(isEnforced);
    const folders = { read: [...plugins, (await this.copyDir()) ?? []].flat(), write: [...data, temporary ?? []].flat(), temporary };
    return (this.#started = { first: candidate.id, permissions, folders });
  }
}

function textOf(granted: PermissionLists): string {
  const items = PERMISSION_KEYS.flatMap((key) => granted[key].map((item) => `${key} ${item}`));
  return items.sort().join(', ') || 'none';
}
