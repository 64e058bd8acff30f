import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CrashInfo } from '../isolation/supervisor/process-options.js';
import type { ProcessLoaderOptions } from '../isolation/proxy/process-loader.js';
import { trialRun } from '../isolation/proxy/trial-run.js';
import { LifecycleError, PluginError, messageOf } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { MANIFEST_FILENAME } from '../manifest/index.js';
import { CrashMarkers, Probation, Quarantine, pluginKey, quarantineInterrupted, type Crash, type InterruptedStep, type MarkedPlugin } from '../quarantine/index.js';
import type { Candidate, PluginFiles } from '../scan/index.js';
import type { ManagedPlugin } from './managed-plugin.js';

export interface SafeguardOptions {
  /** Folder for crash records, shared by all hosts of this user; `~` expands. Default `~/.aisopod/state`. */
  readonly stateDir?: string;
  /** Refuse a plugin that kept crashing, or crashed a host, for `expiryMs`. Identified by its bytes. `false`: record no crashes. Default: a day. */
  readonly quarantine?: { readonly expiryMs?: number } | false;
  /**
   * Try a plugin with new bytes in a temporary child process before it is loaded into this process. Applies to plugins that
   * run in-process, with or without quarantine. Default false.
   */
  readonly probation?: boolean;
}

/** Whether these options need a Safeguard. */
export const wantsSafeguard = ({ quarantine, probation }: SafeguardOptions): boolean => quarantine !== false || probation === true;

/** The files of a generation, as they were admitted. */
export interface Admitted extends MarkedPlugin {
  readonly files: PluginFiles | undefined;
  /** When its files were accepted. Earlier crashes belong to other files. */
  readonly since: number;
}

/** Refuses a plugin that has crashed its process, or crashes in a trial: quarantine, crash markers, probation. */
export class Safeguard {
  /** Both absent with `quarantine: false`. */
  readonly #quarantine: Quarantine | undefined;
  readonly #markers: CrashMarkers | undefined;
  readonly #probation: Probation | undefined;
  readonly #logger: Logger;

  /** @throws LoadError ERR_OPTIONS if there is no `stateDir`, and no home folder for the default */
  constructor(
    { stateDir, quarantine, probation }: SafeguardOptions,
    private readonly processes: ProcessLoaderOptions & { readonly logger: Logger },
    /** The current generation of a plugin. */
    private readonly find: (id: string) => ManagedPlugin | undefined,
  ) {
    const { logger } = processes;
    this.#logger = logger;
    if (quarantine !== false) {
      this.#quarantine = new Quarantine({ stateDir, expiryMs: quarantine?.expiryMs });
      this.#markers = new CrashMarkers({ stateDir, logger });
    }
    if (probation === true) {
      this.#probation = new Probation({ stateDir, quarantine: this.#quarantine, live: trialRun(processes) });
    }
  }

  /** At the start: quarantines the plugins that crashed earlier hosts, or logs once why these cannot be determined. */
  async quarantineInterrupted(): Promise<void> {
    if (this.#quarantine === undefined || this.#markers === undefined) return;
    try {
      await this.#quarantine.list();
    } catch (error) {
      this.#logger.error(`every plugin is refused: ${messageOf(error)}`, hintOf(error));
      return;
    }
    try {
      for (const interrupted of await quarantineInterrupted(this.#markers, this.#quarantine)) this.#logInterrupted(interrupted);
    } catch (error) {
      this.#logger.warn(messageOf(error), hintOf(error));
    }
  }

  #logInterrupted({ pluginId, step, shortage }: InterruptedStep): void {
    const what = `a host ended suddenly during ${step} of this plugin`;
    if (shortage === undefined) this.#logger.warn(`${what}, which is in quarantine now`, { pluginId, step });
    else this.#logger.warn(`${what}, while the system ran out of ${shortage}: the plugin is not blamed`, { pluginId, step });
  }

  /** The last check before a library is opened. @throws LoadError ERR_QUARANTINED, ERR_STATE_FOLDER; what probation throws */
  async admit(managed: ManagedPlugin, candidate: Candidate, library: string, inProcess: boolean): Promise<void> {
    const quarantine = this.#quarantine;
    const probation = inProcess ? this.#probation : undefined;
    if (quarantine === undefined && probation === undefined) return;
    const { trace } = managed;
    const { id: pluginId, path } = candidate;
    const key = await pluginKey(candidate, library, this.processes.hostVersion);
    if (quarantine !== undefined) await trace.check('trust', 'quarantine', () => quarantine.admit(key, candidate));
    const watched = { key, pluginId, path };
    managed.admitted = { ...watched, files: managed.files, since: Date.now() };
    if (probation !== undefined) await trace.check('trust', 'probation', () => probation.pass(key, candidate, managed.sandbox?.forTrial));
    if (inProcess && this.#markers !== undefined) managed.watch = this.#markers.watch(() => managed.admitted ?? watched);
  }

  /** The same for the private copy that runs: its folder may have changed after `admit`. @throws LoadError ERR_QUARANTINED */
  async admitCopy(managed: ManagedPlugin, candidate: Candidate, library: string): Promise<void> {
    const { admitted } = managed;
    if (admitted === undefined) return;
    const key = await pluginKey({ ...candidate, manifestPath: manifestBeside(library) }, library, this.processes.hostVersion);
    if (key !== admitted.key) await this.#quarantine?.admit(key, candidate);
    managed.admitted = { ...admitted, key, files: undefined };
  }

  /**
   * Checks again: the folder may contain other bytes than before, unless it runs from a copy of its own.
   * @throws LoadError ERR_QUARANTINED
   */
  async admitAgain(managed: ManagedPlugin, candidate: Candidate, library: string): Promise<void> {
    if (this.#quarantine === undefined) return;
    const { id: pluginId, path } = candidate;
    const { admitted } = managed;
    const key = managed.hasOwnCopy && admitted !== undefined ? admitted.key : await pluginKey(candidate, library, this.processes.hostVersion);
    await this.#quarantine.admit(key, candidate);
    managed.admitted = { since: Date.now(), files: undefined, ...admitted, key, pluginId, path };
  }

  /** Quarantines a plugin for its last crash, or for the call in this process that hangs. */
  quarantine({ admitted, error }: ManagedPlugin): void {
    const crash = error && crashOf(error);
    if (admitted === undefined || crash === undefined) return;
    const { key, pluginId, path } = admitted;
    this.#guarded(pluginId, () => this.#quarantine?.add(key, { pluginId, path, ...crash }));
  }

  /**
   * Called when a child is not restarted. Writes each counted crash to disk, which quarantines the plugin. If several plugins
   * shared the child, only a plugin that caused every counted crash is blamed; otherwise all of them stay down, but only until
   * this host ends. Crashes that the machine caused do not count.
   */
  recordCrashes(last: CrashInfo, crashes: readonly CrashInfo[]): void {
    const pluginId = culpritOf(last);
    const watched = pluginId === undefined ? undefined : this.find(pluginId)?.admitted;
    if (pluginId === undefined || watched === undefined) return;
    const { key, path, files, since } = watched;
    // Overwriting the file of an open library crashes any plugin: do not blame this one.
    if (files?.haveChanged === true) return;
    this.#guarded(pluginId, () => {
      for (const crash of crashes) {
        const { signal, exitCode, reason, during, at } = crash;
        if (at >= since && culpritOf(crash) === pluginId) this.#quarantine?.add(key, { pluginId, path, signal, exitCode, reason, during }, at);
      }
    });
  }

  #guarded(pluginId: string, record: () => void): void {
    try {
      record();
    } catch (error) {
      this.#logger.warn(`cannot record its quarantine: ${messageOf(error)}`, { pluginId, ...hintOf(error) });
    }
  }
}

/** The copy of a plugin has the library beside the manifest or in a folder for the platform. */
function manifestBeside(library: string): string {
  const beside = join(dirname(library), MANIFEST_FILENAME);
  return existsSync(beside) ? beside : join(dirname(dirname(library)), MANIFEST_FILENAME);
}

function crashOf(error: PluginError): Omit<Crash, 'pluginId' | 'path'> | undefined {
  if (!(error instanceof LifecycleError)) return undefined;
  if (error.code === 'ERR_LIFECYCLE_CRASHED') {
    const { signal, exitCode, reason, operation: during } = error;
    return { signal, exitCode, reason, during };
  }
  if (error.code !== 'ERR_LIFECYCLE_TIMEOUT') return undefined;
  return { signal: null, exitCode: null, reason: `(the host's own) waited ${error.timeoutMs} ms for it in vain`, during: error.operation };
}

const culpritOf = ({ plugins, suspect }: CrashInfo): string | undefined => (plugins.length === 1 ? plugins[0] : suspect);

const hintOf = (error: unknown): { readonly hint?: string } => (error instanceof PluginError ? { hint: error.hint } : {});
