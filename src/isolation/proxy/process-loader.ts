import { guardedLogger } from '../../log/guarded-logger.js';
import { silentLogger } from '../../log/logger.js';
import type { DynamicPluginLoaderOptions } from '../../loader/dynamic-plugin-loader.js';
import { fillMaxPayload, fillTimeouts } from '../../loader/load-limits.js';
import { LOADING_SHAPE } from '../../loader/loader-options.js';
import type { LoadRequest } from '../../loader/load-plugin.js';
import { tracedLoad } from '../../loader/traced-load.js';
import { checkHostVersion } from '../../manifest/index.js';
import { group, type Shape } from '../../options/group.js';
import { readOptions } from '../../options/read-options.js';
import type { Candidate } from '../../scan/index.js';
import { readTrustOptions } from '../../trust/index.js';
import { refuseHostInChild } from '../wire/host-in-child.js';
import { fillProcessOptions, type KeepAway, type ProcessOptions } from '../supervisor/process-options.js';
import type { ProcessSettings } from './process-settings.js';
import { PROCESS_SHAPE } from '../supervisor/process-shape.js';
import { Supervisor } from '../supervisor/supervisor.js';
import { ChildSession } from './child-session.js';
import type { SupervisedChild } from '../supervisor/supervised-child.js';
import { IsolatedPlugin } from './isolated-plugin.js';

export type ProcessLoaderOptions = ProcessOptions & Omit<DynamicPluginLoaderOptions, 'pluginDirs'>;

export const PROCESS_LOADER_SHAPE: Shape<ProcessLoaderOptions> = { ...LOADING_SHAPE, ...PROCESS_SHAPE };

const processLoaderOptions = group(PROCESS_LOADER_SHAPE, { required: ['hostVersion'] });

const openSession = (child: SupervisedChild<ChildSession>): ChildSession => new ChildSession(child);

/** Loads plugins into child processes; the counterpart of `DynamicPluginLoader.loadPlugin`. */
export class ProcessLoader {
  readonly #settings: ProcessSettings;
  readonly #shared = new Map<string, Supervisor<ChildSession>>();

  /** @throws LoadError ERR_OPTIONS, ERR_TRUST_OPTIONS; ERR_VERSION_COMPATIBILITY if `hostVersion` is not strict SemVer; ERR_CHILD_PROCESS in a process that was started as a child */
  constructor(given: ProcessLoaderOptions, keepAway?: KeepAway) {
    refuseHostInChild();
    const options = readOptions(processLoaderOptions, given);
    checkHostVersion(options.hostVersion);
    this.#settings = {
      ...options,
      ...fillProcessOptions(options),
      keepAway,
      logger: guardedLogger(options.logger ?? silentLogger),
      timeouts: fillTimeouts(options.timeouts),
      maxPayloadBytes: fillMaxPayload(options.maxPayloadBytes),
      trust: readTrustOptions(options.trust),
    };
  }

  /**
   * Runs every check that needs none of the candidate's code here, then loads it into a child process: its own, or the one
   * that plugins with the same `processName` share. A plugin with AISOPOD_PLUGIN_ONE_THREAD (rule 8) always gets its own.
   * @throws LoadError; LifecycleError ERR_LIFECYCLE_CRASHED, ERR_LIFECYCLE_TIMEOUT
   */
  loadPlugin(candidate: Candidate, request?: LoadRequest, processName?: string): Promise<IsolatedPlugin> {
    return tracedLoad(candidate, () => this.#load(candidate, request ?? {}, processName));
  }

  async #load(candidate: Candidate, request: LoadRequest, processName: string | undefined): Promise<IsolatedPlugin> {
    const isDebugged = this.#isDebugged(candidate.id);
    const plugin = new IsolatedPlugin(candidate, this.#settings, isDebugged, request);
    const supervisor = this.#supervisorFor(processName, isDebugged);
    const wantsOneThread = await plugin.load(supervisor);
    if (wantsOneThread && supervisor.poolSize !== 1) {
      await plugin.unload();
      await plugin.load(new Supervisor(this.#settings, 1, isDebugged, openSession));
    }
    return plugin;
  }

  #supervisorFor(name: string | undefined, isDebugged: boolean): Supervisor<ChildSession> {
    const known = name === undefined ? undefined : this.#shared.get(name);
    if (known !== undefined) return known;
    const supervisor = new Supervisor(this.#settings, this.#settings.poolSize, isDebugged, openSession, name !== undefined);
    if (name !== undefined) this.#shared.set(name, supervisor);
    return supervisor;
  }

  #isDebugged(id: string): boolean {
    const wanted = process.env.AISOPOD_PLUGIN_DEBUG;
    return this.#settings.debug === true || wanted === '*' || wanted === id;
  }
}
