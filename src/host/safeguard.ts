import { join } from 'node:path';
import { STARTING } from '../isolation/plugin-process.js';
import type { CrashInfo } from '../isolation/process-options.js';
import type { ProcessLoaderOptions } from '../isolation/process-loader.js';
import { throwAwayLife } from '../isolation/throw-away-life.js';
import { messageOf } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { DEFAULT_STATE_DIR, DeadMan, Probation, Quarantine, pluginKey, quarantineSurvivors, type Watched } from '../quarantine/index.js';
import type { Candidate } from '../scan/index.js';
import type { ManagedPlugin } from './managed-plugin.js';

export interface SafeguardOptions {
  /** Folder of what this user's hosts remember of plugins; `~` expands. Default `~/.aisopod/state`. */
  readonly stateDir?: string;
  /** A plugin that kept crashing, or killed a host, is kept away by its bytes for `expiryMs`; `false`: never. Default: a day. */
  readonly quarantine?: { readonly expiryMs?: number } | false;
  /**
   * Bytes that were never seen here are taken through a life in a throw-away child before they are let into this process.
   * For plugins that run in-process. Default false.
   */
  readonly probation?: boolean;
}

/** What keeps a plugin away that has taken its process down before: quarantine, the dead man's file, probation. */
export class Safeguard {
  readonly #quarantine: Quarantine;
  readonly #deadMan: DeadMan;
  readonly #probation: Probation | undefined;
  readonly #logger: Logger;
  /** Of each plugin, as it was let in last. */
  readonly #watched = new Map<string, Watched>();

  constructor(
    options: SafeguardOptions,
    private readonly processes: ProcessLoaderOptions & { readonly logger: Logger },
  ) {
    const stateDir = options.stateDir ?? DEFAULT_STATE_DIR;
    const { logger } = processes;
    const expiryMs = typeof options.quarantine === 'object' ? options.quarantine.expiryMs : undefined;
    this.#logger = logger;
    this.#quarantine = new Quarantine({ stateDir, expiryMs });
    this.#deadMan = new DeadMan({ stateDir, logger });
    if (options.probation === true) {
      this.#probation = new Probation({ stateDir, quarantine: this.#quarantine, live: throwAwayLife(processes) });
    }
  }

  /** At the start: puts the plugins that killed earlier hosts into quarantine. */
  async lookBack(): Promise<void> {
    try {
      for (const { pluginId, step } of await quarantineSurvivors(this.#deadMan, this.#quarantine)) {
        this.#logger.warn(`a host ended suddenly during ${step} of this plugin, which is in quarantine now`, { pluginId, step });
      }
    } catch (error) {
      this.#logger.warn(`what earlier hosts left cannot be read: ${messageOf(error)}`);
    }
  }

  /** The last word before a library is opened. @throws LoadError ERR_QUARANTINED; what probation ends with */
  async admit(managed: ManagedPlugin, candidate: Candidate, library: string, inProcess: boolean): Promise<void> {
    const { trace } = managed;
    const { id: pluginId, path } = candidate;
    const key = await pluginKey(candidate, library, this.processes.hostVersion);
    await trace.check('trust', 'quarantine', () => this.#quarantine.admit(key, candidate));
    const watched = { key, pluginId, path };
    this.#watched.set(pluginId, watched);
    if (!inProcess) return;
    const probation = this.#probation;
    if (probation !== undefined) await trace.check('trust', 'probation', () => probation.pass(key, candidate));
    managed.watch = this.#deadMan.watch(() => watched);
  }

  /** What is in its folder now may be other bytes than before. @throws LoadError ERR_QUARANTINED */
  async admitAgain(candidate: Candidate, library: string): Promise<void> {
    const { id: pluginId, path } = candidate;
    const key = await pluginKey(candidate, library, this.processes.hostVersion);
    await this.#quarantine.admit(key, candidate);
    this.#watched.set(pluginId, { key, pluginId, path });
  }

  /**
   * A child is not started again: its plugin is quarantined, on disk. Of several that shared it that is the one which each
   * crash was of, if it was one; otherwise they are away until this host ends, and no longer. So is one whose child the
   * system would not start: that was no fault of its own.
   */
  async keepAway({ plugins, suspect, signal, exitCode, reason, during }: CrashInfo): Promise<void> {
    const pluginId = plugins.length === 1 ? plugins[0] : suspect;
    const watched = pluginId === undefined ? undefined : this.#watched.get(pluginId);
    if (pluginId === undefined || watched === undefined || during === STARTING) return;
    const crash = { pluginId, path: watched.path, signal, exitCode, reason, during };
    await this.#quarantine.add(watched.key, crash).catch((error: unknown) => {
      this.#logger.warn(`its quarantine cannot be written down: ${messageOf(error)}`, { pluginId });
    });
  }
}

/** Where a host keeps what triage has read, so that the next start reads less. */
export const triageCacheDir = (stateDir: string = DEFAULT_STATE_DIR): string => join(stateDir, 'triage');
