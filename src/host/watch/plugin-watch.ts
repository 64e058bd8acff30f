import { messageOf } from '../../errors/index.js';
import type { Logger } from '../../log/logger.js';
import type { WatchSettings } from './watch-option.js';
import { absolutePath } from '../../options/folders.js';
import { defaultPluginDirs } from '../../scan/index.js';
import type { PluginOperations } from '../plugin-operations.js';
import { followChanges } from './follow-changes.js';
import { PluginFolders, type FolderChange } from './plugin-folders.js';

export interface PluginWatchOptions {
  readonly watch?: boolean | WatchSettings;
  readonly pluginDirs?: readonly string[];
  readonly logger: Logger;
  readonly operations: Pick<PluginOperations, 'plugins' | 'update' | 'rescan'>;
  /** Runs what changes plugins, one at a time. */
  readonly inTurn: (run: () => Promise<void>) => Promise<void>;
}

/** Watches the plugin folders of a host, if the host wants that. Changes that happen while others are applied are applied together. */
export class PluginWatch {
  readonly #folders: PluginFolders | undefined;
  #waiting: FolderChange[] = [];
  #isApplying = false;
  #isClosed = false;

  constructor(private readonly options: PluginWatchOptions) {
    const { watch = false, pluginDirs, logger } = options;
    if (watch === false) return;
    const settings = watch === true ? {} : watch;
    const dirs = pluginDirs ?? defaultPluginDirs().map(absolutePath);
    this.#folders = new PluginFolders({ dirs, logger, ...settings, onChange: (change) => void this.#add(change) });
  }

  /** Changes from now on are applied. */
  async start(): Promise<void> {
    await this.#folders?.start();
  }

  close(): void {
    this.#isClosed = true;
    this.#folders?.close();
  }

  async #add(change: FolderChange): Promise<void> {
    const { operations, inTurn, logger } = this.options;
    logger.debug(`the plugin folder ${change.kind}`, { path: change.path });
    this.#waiting.push(change);
    if (this.#isApplying) return;
    this.#isApplying = true;
    while (this.#waiting.length > 0 && !this.#isClosed) {
      const apply = (): Promise<void> => followChanges(this.#waiting.splice(0), operations);
      await inTurn(apply).catch((error: unknown) => logger.error(messageOf(error)));
    }
    this.#isApplying = false;
  }
}
