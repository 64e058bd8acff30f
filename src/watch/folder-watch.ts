import { watch, type FSWatcher } from 'node:fs';
import { join, sep } from 'node:path';
import { messageOf, systemCode } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { clearInterval, setInterval } from '../machine/node-timers.js';
import { folderIdentity } from './folder-identity.js';
import { isNetworkFolder } from './network-folder.js';

export interface FolderWatchOptions {
  /** Gets a path that may have changed: an entry of a folder, or a folder itself if it is unknown which entry. */
  readonly onHint: (path: string) => void;
  /** Poll all folders this often, and do not use the notifications of the system. */
  readonly pollMs?: number | undefined;
  readonly logger: Logger;
  /** Whether one notification covers a folder and all below it. Default: where the system itself offers that. */
  readonly isRecursive?: boolean;
}

interface Watched {
  readonly identity: string;
  /** Absent if the folder is polled. */
  readonly watcher: FSWatcher | undefined;
  readonly isDeep: boolean;
}

const DEFAULT_POLL_MS = 2_000;
/** The system has a limit for each user, which other programs share. */
const MAX_WATCHERS = 4_096;

/**
 * Says which of many folders may have changed: by the notifications of the system, or by polling where there are none (network
 * folders, too many folders). It only gives hints; look at the files to know. Never keeps the process running.
 */
export class FolderWatch {
  readonly #folders = new Map<string, Watched>();
  readonly #isRecursive: boolean;
  #timer: NodeJS.Timeout | undefined;
  #watchers = 0;
  #hasWarned = false;
  #isClosed = false;

  constructor(private readonly options: FolderWatchOptions) {
    this.#isRecursive = options.isRecursive ?? (process.platform === 'darwin' || process.platform === 'win32');
  }

  /**
   * Watches a folder, from the moment that this resolves. If there is another folder at its path than before, watches that one.
   * `isDeep`: also all below it, if that costs nothing more. Returns false if there is no such folder.
   */
  async add(path: string, isDeep = false): Promise<boolean> {
    const identity = await folderIdentity(path);
    if (identity === undefined) this.remove(path);
    if (identity === undefined || this.#isClosed) return false;
    if (this.#folders.get(path)?.identity === identity || this.#isCovered(path)) return true;
    const isPolled = this.options.pollMs !== undefined || (await isNetworkFolder(path));
    if (this.#isClosed) return false;
    this.remove(path);
    this.#put(path, identity, isPolled ? undefined : this.#open(path, isDeep && this.#isRecursive), isDeep);
    return true;
  }

  remove(path: string): void {
    const { watcher } = this.#folders.get(path) ?? {};
    this.#folders.delete(path);
    if (watcher === undefined) return;
    this.#watchers--;
    watcher.close();
  }

  /** Ends all notifications and polling. */
  close(): void {
    this.#isClosed = true;
    for (const path of [...this.#folders.keys()]) this.remove(path);
    clearInterval(this.#timer);
  }

  #put(path: string, identity: string, watcher: FSWatcher | undefined, isDeep: boolean): void {
    this.#folders.set(path, { identity, watcher, isDeep });
    if (watcher !== undefined) this.#watchers++;
    else this.#timer ??= setInterval(() => this.#poll(), this.options.pollMs ?? DEFAULT_POLL_MS).unref();
  }

  #poll(): void {
    for (const [path, { watcher }] of this.#folders) if (watcher === undefined) this.options.onHint(path);
  }

  /** Whether the watcher of a folder above it reports its changes. */
  #isCovered(path: string): boolean {
    if (!this.#isRecursive) return false;
    return [...this.#folders].some(([above, { watcher, isDeep }]) => isDeep && watcher !== undefined && path.startsWith(`${above}${sep}`));
  }

  /** Undefined if the system has no watcher left. */
  #open(path: string, recursive: boolean): FSWatcher | undefined {
    if (this.#watchers >= MAX_WATCHERS) return this.#warn(`more than ${MAX_WATCHERS} folders`);
    try {
      const watcher = watch(path, { persistent: false, recursive }, (_event, name) => this.options.onHint(name === null ? path : join(path, name)));
      watcher.on('error', () => this.#onError(path, watcher));
      return watcher;
    } catch (error) {
      const isGone = systemCode(error) === 'ENOENT';
      return isGone ? undefined : this.#warn(messageOf(error));
    }
  }

  /** On Windows also when the folder is removed. */
  #onError(path: string, watcher: FSWatcher): void {
    if (this.#folders.get(path)?.watcher !== watcher) return;
    this.remove(path);
    this.#put(path, '', undefined, false);
    this.options.onHint(path);
  }

  #warn(reason: string): undefined {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.options.logger.warn(`some folders are polled, because the system does not notify of changes in them: ${reason}`, {
      hint: 'On Linux, raise fs.inotify.max_user_watches or fs.inotify.max_user_instances.',
    });
  }
}
