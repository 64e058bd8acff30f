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
import type { SandboxStart } from '../../report/child-sandbox.js';
import type { Candidate } from '../../scan/index.js';
import { readTrustOptions } from '../../trust/index.js';
import { refuseHostInChild } from '../wire/host-in-child.js';
import { sandboxed } from '../supervisor/child-sandbox.js';
import { childEnvironment } from '../supervisor/environment.js';
import { fillProcessOptions, type BeforeGiveUp, type ProcessOptions } from '../supervisor/process-options.js';
import type { ProcessSettings } from './process-settings.js';
import { PROCESS_SHAPE } from '../supervisor/process-shape.js';
import { SpareChildren } from '../supervisor/spare-children.js';
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
  readonly #spares: Readonly<Record<'plain' | 'launched', SpareChildren<ChildSession>>>;

  /** @throws LoadError ERR_OPTIONS, ERR_TRUST_OPTIONS; ERR_VERSION_COMPATIBILITY if `hostVersion` is not strict SemVer; ERR_CHILD_PROCESS in a process that was started as a child */
  constructor(
    given: ProcessLoaderOptions,
    beforeGiveUp?: BeforeGiveUp,
  ) {
    refuseHostInChild();
    const options = readOptions(processLoaderOptions, given);
    checkHostVersion(options.hostVersion);
    this.#settings = {
      ...options,
      ...fillProcessOptions(options),
      environment: () => childEnvironment(options),
      beforeGiveUp,
      logger: guardedLogger(options.logger ?? silentLogger),
      timeouts: fillTimeouts(options.timeouts),
      maxPayloadBytes: fillMaxPayload(options.maxPayloadBytes),
      trust: readTrustOptions(options.trust),
    };
    const start = { settings: this.#settings, isAlone: true, waitForDebugger: false, openSession };
    this.#spares = { plain: new SpareChildren(start, false), launched: new SpareChildren(start, true) };
  }

  /** Starts a process for each of these plugins, which are about to be loaded with a process of their own. @internal */
  startAhead(starts: readonly SandboxStart[]): void {
    if (this.#waitsForDebugger('*')) return;
    for (const kind of ['plain', 'launched'] as const) this.#spares[kind].add(starts.filter((start) => start === kind).length);
  }

  /** Ends those that no plugin took. @internal */
  async endUnused(): Promise<void> {
    await Promise.all(Object.values(this.#spares).map((spares) => spares.end()));
  }

  /**
   * Runs the checks that need none of the candidate's code in this process, then loads it into a child: its own, or the one
   * that plugins with the same `processName` share. It is sandboxed only as `request` says: PluginHost decides about that.
   * @throws LoadError; LifecycleError ERR_LIFECYCLE_CRASHED, ERR_LIFECYCLE_TIMEOUT
   */
  loadPlugin(candidate: Candidate, request?: LoadRequest, processName?: string): Promise<IsolatedPlugin> {
    return tracedLoad(candidate, () => this.#load(candidate, request ?? {}, processName));
  }

  async #load(candidate: Candidate, request: LoadRequest, processName: string | undefined): Promise<IsolatedPlugin> {
    const waitForDebugger = this.#waitsForDebugger(candidate.id);
    const plugin = new IsolatedPlugin(candidate, this.#settingsFor(request), waitForDebugger, request);
    const supervisor = this.#supervisorFor(processName, waitForDebugger, request.sandbox);
    await plugin.load(supervisor);
    return plugin;
  }

  /**
   * A sandboxed plugin gets private copies in a folder that its process may read. The environment that is checked has the variables
   * that it asks for: it is refused if it does not get them.
   */
  #settingsFor({ sandbox }: LoadRequest): ProcessSettings {
    const settings = this.#settings;
    if (sandbox === undefined) return settings;
    const { trust = readTrustOptions() } = settings;
    const { askedEnv, copyDir = trust.copyDir } = sandbox;
    return { ...settings, trust: { ...trust, copyDir }, environment: () => childEnvironment(sandboxed(settings, { env: {}, inheritEnv: askedEnv })) };
  }

  #supervisorFor(name: string | undefined, waitForDebugger: boolean, sandbox: LoadRequest['sandbox']): Supervisor<ChildSession> {
    const known = name === undefined ? undefined : this.#shared.get(name);
    if (known !== undefined) return known;
    const startsAs = sandbox === undefined ? 'plain' : (sandbox.startsAs ?? 'alone');
    const spares = name === undefined && !waitForDebugger && startsAs !== 'alone' ? this.#spares[startsAs] : undefined;
    const supervisor = new Supervisor(this.#settings, waitForDebugger, openSession, name !== undefined, spares);
    if (name !== undefined) this.#shared.set(name, supervisor);
    return supervisor;
  }

  #waitsForDebugger(id: string): boolean {
    const wanted = process.env.AISOPOD_PLUGIN_DEBUG;
    return this.#settings.debug === true || wanted === '*' || wanted === id;
  }
}
