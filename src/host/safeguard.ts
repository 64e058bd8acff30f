import type { CrashInfo } from '../isolation/supervisor/process-options.js';
import type { ProcessLoaderOptions } from '../isolation/proxy/process-loader.js';
import { throwAwayLife } from '../isolation/proxy/throw-away-life.js';
import { PluginError, messageOf } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { CrashMarkers, Probation, Quarantine, pluginKey, quarantineInterrupted, type InterruptedStep, type MarkedPlugin } from '../quarantine/index.js';
import type { Candidate, PluginFiles } from '../scan/index.js';
import type { ManagedPlugin } from './managed-plugin.js';

export interface SafeguardOptions {
  /** Folder of what this user's hosts remember of plugins; `~` expands. Default `~/.aisopod/state`. */
  readonly stateDir?: string;
  /** A plugin that kept crashing, or killed a host, is kept away by its bytes for `expiryMs`; `false`: no crash is remembered. Default: a day. */
  readonly quarantine?: { readonly expiryMs?: number } | false;
  /**
   * Bytes that were never seen here are taken through a life in a throw-away child before they are let into this process.
   * For plugins that run in-process, with quarantine or without. Default false.
   */
  readonly probation?: boolean;
}

/** Whether these options leave anything to do for a Safeguard. */
export const wantsSafeguard = ({ quarantine, probation }: SafeguardOptions): boolean => quarantine !== false || probation === true;

interface Admitted extends MarkedPlugin {
  readonly files: PluginFiles | undefined;
  /** When its files were let in. Crashes from before were of other files. */
  readonly since: number;
}

/** Refuses a plugin that crashed its process before, or would: quarantine, crash markers, probation. */
export class Safeguard {
  /** Both absent if the host wants no crash remembered. */
  readonly #quarantine: Quarantine | undefined;
  readonly #markers: CrashMarkers | undefined;
  readonly #probation: Probation | undefined;
  readonly #logger: Logger;
  /** Of each plugin, as it was let in last. */
  readonly #watched = new Map<string, Admitted>();

  /** @throws LoadError ERR_OPTIONS if there is no `stateDir`, and no home folder for the default */
  constructor(
    { stateDir, quarantine, probation }: SafeguardOptions,
    private readonly processes: ProcessLoaderOptions & { readonly logger: Logger },
  ) {
    const { logger } = processes;
    this.#logger = logger;
    if (quarantine !== false) {
      this.#quarantine = new Quarantine({ stateDir, expiryMs: quarantine?.expiryMs });
      this.#markers = new CrashMarkers({ stateDir, logger });
    }
    if (probation === true) {
      this.#probation = new Probation({ stateDir, quarantine: this.#quarantine, live: throwAwayLife(processes) });
    }
  }

  /** At the start: puts the plugins that killed earlier hosts into quarantine, or says once why that cannot be known. */
  async lookBack(): Promise<void> {
    if (this.#quarantine === undefined || this.#markers === undefined) return;
    try {
      await this.#quarantine.list();
    } catch (error) {
      this.#logger.error(`every plugin is refused: ${messageOf(error)}`, hintOf(error));
      return;
    }
    try {
      for (const interrupted of await quarantineInterrupted(this.#markers, this.#quarantine)) this.#tellOf(interrupted);
    } catch (error) {
      this.#logger.warn(messageOf(error), hintOf(error));
    }
  }

  #tellOf({ pluginId, step, shortage }: InterruptedStep): void {
    const what = `a host ended suddenly during ${step} of this plugin`;
    if (shortage === undefined) this.#logger.warn(`${what}, which is in quarantine now`, { pluginId, step });
    else this.#logger.warn(`${what}, while the system ran out of ${shortage}: the plugin is not blamed`, { pluginId, step });
  }

  /** The last word before a library is opened. @throws LoadError ERR_QUARANTINED, ERR_STATE_FOLDER; what probation ends with */
  async admit(managed: ManagedPlugin, candidate: Candidate, library: string, inProcess: boolean): Promise<void> {
    const quarantine = this.#quarantine;
    const probation = inProcess ? this.#probation : undefined;
    if (quarantine === undefined && probation === undefined) return;
    const { trace } = managed;
    const { id: pluginId, path } = candidate;
    const key = await pluginKey(candidate, library, this.processes.hostVersion);
    if (quarantine !== undefined) await trace.check('trust', 'quarantine', () => quarantine.admit(key, candidate));
    const watched = { key, pluginId, path };
    this.#watched.set(pluginId, { ...watched, files: managed.files, since: Date.now() });
    if (probation !== undefined) await trace.check('trust', 'probation', () => probation.pass(key, candidate));
    if (inProcess && this.#markers !== undefined) managed.watch = this.#markers.watch(() => watched);
  }

  /** What is in its folder now may be other bytes than before. @throws LoadError ERR_QUARANTINED */
  async admitAgain(candidate: Candidate, library: string): Promise<void> {
    if (this.#quarantine === undefined) return;
    const { id: pluginId, path } = candidate;
    const key = await pluginKey(candidate, library, this.processes.hostVersion);
    await this.#quarantine.admit(key, candidate);
    const before = this.#watched.get(pluginId);
    this.#watched.set(pluginId, { since: Date.now(), files: undefined, ...before, key, pluginId, path });
  }

  /**
   * A child is not started again: its plugin is quarantined, on disk, for each of the crashes that counted. Of several that
   * shared it that is the one which each crash was of, if it was one; otherwise they are away until this host ends, and no
   * longer. What the machine did is not among those crashes.
   */
  keepAway(last: CrashInfo, crashes: readonly CrashInfo[]): void {
    const pluginId = culpritOf(last);
    const watched = pluginId === undefined ? undefined : this.#watched.get(pluginId);
    if (pluginId === undefined || watched === undefined) return;
    const { key, path, files, since } = watched;
    // Writing to the file of an open library crashes any plugin.
    if (files?.haveChanged === true) return;
    try {
      for (const crash of crashes) {
        const { signal, exitCode, reason, during, at } = crash;
        if (at >= since && culpritOf(crash) === pluginId) this.#quarantine?.add(key, { pluginId, path, signal, exitCode, reason, during }, at);
      }
    } catch (error) {
      this.#logger.warn(`its quarantine cannot be written down: ${messageOf(error)}`, { pluginId, ...hintOf(error) });
    }
  }
}

const culpritOf = ({ plugins, suspect }: CrashInfo): string | undefined => (plugins.length === 1 ? plugins[0] : suspect);

const hintOf = (error: unknown): { readonly hint?: string } => (error instanceof PluginError ? { hint: error.hint } : {});
