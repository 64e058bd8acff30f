import { setMaxListeners } from 'node:events';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { Logger } from '../../log/logger.js';
import { pause } from '../../machine/node-timers.js';
import { FolderWatch } from '../../watch/index.js';
import { limitConcurrency } from '../concurrency-limit.js';
import { pluginContent } from './plugin-content.js';

export interface FolderChange {
  /** `changed`: its manifest, a library or a JSON file. */
  readonly kind: 'came' | 'changed' | 'went';
  /** The plugin folder. */
  readonly path: string;
}

export interface PluginFoldersOptions {
  /** The folders that contain plugin folders, absolute. They need not exist. */
  readonly dirs: readonly string[];
  readonly onChange: (change: FolderChange) => void;
  readonly pollMs?: number | undefined;
  readonly logger: Logger;
  /** For tests. */
  readonly isRecursive?: boolean;
}

/** A plugin folder, or an entry that may become one. */
interface Entry {
  /** As it was last reported. */
  content: string | undefined;
  /** Counts what may have been a change. */
  hints: number;
  isLooking: boolean;
}

/** Events come in groups: one look for all. */
const DEBOUNCE_MS = 50;
/** Files that stay the same for so long are complete. */
const SETTLE_MS = 200;
/** A program that writes through mapped memory may set the time of the file late, and without an event. */
const SECOND_LOOK_MS = 2_000;
const MAX_LOOKS_AT_ONCE = 16;

/**
 * Says which plugin folders come, change and go. A change is reported when the files are complete: their sizes and times have not
 * changed for a while. Never keeps the process running.
 */
export class PluginFolders {
  readonly #watch: FolderWatch;
  readonly #entries = new Map<string, Entry>();
  /** Watched folders outside `dirs`, to which links lead, and the entries that need them. */
  readonly #owners = new Map<string, Set<string>>();
  readonly #missing = new Set<string>();
  readonly #limit = limitConcurrency(MAX_LOOKS_AT_ONCE);
  readonly #closing = new AbortController();

  constructor(private readonly options: PluginFoldersOptions) {
    setMaxListeners(0, this.#closing.signal); // one for each folder that is looked at
    this.#watch = new FolderWatch({ ...options, onHint: (path) => this.#onHint(path) });
  }

  /** Begins to watch. What is there when this resolves is not reported. */
  async start(): Promise<void> {
    for (const dir of this.options.dirs) {
      const names = await this.#namesIn(dir);
      await Promise.all(names.map(async (path) => (this.#entry(path).content = await this.#limit(() => this.#contentOf(path)))));
    }
  }

  close(): void {
    this.#closing.abort();
    this.#watch.close();
  }

  #onHint(path: string): void {
    for (const dir of this.options.dirs) {
      if (path === dir || this.#missing.has(dir) || path === join(dir, basename(dir))) void this.#lookAtAll(dir);
      else if (path.startsWith(`${dir}${sep}`)) void this.#look(join(dir, path.slice(dir.length + 1).split(sep, 1)[0] ?? ''));
    }
    for (const owner of [...(this.#owners.get(path) ?? []), ...(this.#owners.get(dirname(path)) ?? [])]) void this.#look(owner);
  }

  async #lookAtAll(dir: string): Promise<void> {
    const known = [...this.#entries.keys()].filter((path) => dirname(path) === dir);
    for (const path of new Set([...(await this.#namesIn(dir)), ...known])) void this.#look(path);
  }

  /** The entries of a folder, which is watched from now on. If it does not exist, the folder that it would be in is watched. */
  async #namesIn(dir: string): Promise<readonly string[]> {
    for (let above = dir, below = ''; above !== below; [above, below] = [dirname(above), above]) {
      if (!(await this.#watch.add(above, above === dir))) continue;
      if (above !== dir) this.#missing.add(dir);
      // It may have been made before the folder above was watched.
      if (above !== dir && !(await this.#watch.add(dir, true))) return [];
      this.#missing.delete(dir);
      return readdir(dir).then((names) => names.map((name) => join(dir, name)), () => []);
    }
    return [];
  }

  #entry(path: string): Entry {
    const entry = this.#entries.get(path) ?? { content: undefined, hints: 0, isLooking: false };
    this.#entries.set(path, entry);
    return entry;
  }

  /** Reads the content of an entry, and watches the folders that it is in. */
  #contentOf(path: string): Promise<string | undefined> {
    const add = (folder: string): Promise<boolean> => {
      if (folder !== path && !folder.startsWith(`${path}${sep}`)) this.#owners.set(folder, (this.#owners.get(folder) ?? new Set()).add(path));
      return this.#watch.add(folder);
    };
    return pluginContent(path, { add, remove: (folder) => this.#watch.remove(folder) });
  }

  async #look(path: string): Promise<void> {
    const entry = this.#entry(path);
    entry.hints++;
    if (entry.isLooking) return;
    entry.isLooking = true;
    for (let seen = 0; seen !== entry.hints && !this.#isClosed; ) {
      await this.#pause(DEBOUNCE_MS);
      seen = entry.hints;
      await this.#compare(path, entry);
    }
    entry.isLooking = false;
    if (entry.content === undefined) this.#entries.delete(path);
  }

  /** Waits until the content stays the same, and reports it if it is not what was reported before. */
  async #compare(path: string, entry: Entry): Promise<void> {
    let content = await this.#limit(() => this.#contentOf(path));
    if (content === entry.content) return;
    for (let before; !this.#isClosed; ) {
      before = content;
      await this.#pause(SETTLE_MS);
      content = await this.#limit(() => this.#contentOf(path));
      if (content === before) break;
    }
    if (this.#isClosed || content === entry.content) return;
    const kind = entry.content === undefined ? 'came' : content === undefined ? 'went' : 'changed';
    entry.content = content;
    this.options.onChange({ kind, path });
    void this.#pause(SECOND_LOOK_MS).then(() => this.#look(path));
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #pause(ms: number): Promise<void> {
    return pause(ms, { ref: false, signal: this.#closing.signal });
  }
}
