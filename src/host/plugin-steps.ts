import { availableParallelism } from 'node:os';
import type { LoadTimeouts } from '../plugin/lifecycle-table.js';
import type { Plugin } from '../plugin/plugin.js';
import type { OwnCopy } from '../loader/own-copy.js';
import type { PlacedLibrary } from '../loader/place-library.js';
import type { PluginRegistry } from '../registry/plugin-registry.js';
import type { Replacement } from '../registry/replacement.js';
import { PluginFiles, type Candidate } from '../scan/index.js';
import { limitConcurrency } from './concurrency-limit.js';
import type { Isolation } from '../report/plugin-report.js';
import type { IsolatingLoader } from './isolation.js';
import type { Triage } from '../triage/index.js';
import type { ManagedPlugin } from './managed-plugin.js';
import type { Load, StartRules } from './loading.js';
import { configReader } from './plugin-config.js';
import { attempt, loadOwn, noteRegistered } from './plugin-states.js';
import type { Safeguard } from './safeguard.js';
import type { SandboxPolicy } from './sandbox/sandbox-policy.js';

export interface PluginStepsOptions {
  readonly loader: IsolatingLoader;
  /** Absent if the host has turned it off. */
  readonly safeguard?: Safeguard | undefined;
  readonly registry: PluginRegistry;
  /** Ends the generations of a plugin that are not current. */
  readonly endOthers: (id: string) => Promise<void>;
  readonly sandboxes: SandboxPolicy;
  /** The private copy from which the first generation of a plugin runs. Each later one needs one. */
  readonly firstCopy: OwnCopy | undefined;
  /** The deadlines of the host's own plugins. */
  readonly timeouts: LoadTimeouts;
}

/** More would only wait for a core. */
const MAX_CHILDREN_AT_ONCE = Math.max(2, availableParallelism());

/** Starts and ends plugins, and records each step. A failure is recorded on its plugin and does not affect the others. */
export class PluginSteps {
  readonly #childrenAtOnce = limitConcurrency(MAX_CHILDREN_AT_ONCE);

  constructor(private readonly options: PluginStepsOptions) {}

  /** Loads all and registers them in order, then initializes them in order. */
  async bringUp(plugins: readonly ManagedPlugin[]): Promise<void> {
    const { loader } = this.options;
    const discovered = plugins.filter(({ lifecycle }) => lifecycle.allows('load')).map((plugin) => ({ plugin, ...this.#startLoading(plugin) }));
    loader.startAhead(discovered.flatMap(({ startsAs }) => startsAs ?? []).slice(0, MAX_CHILDREN_AT_ONCE));
    for (const { plugin, load } of discovered) await attempt(plugin, () => this.#loadAndRegister(plugin, load));
    await loader.endUnused();
    for (const { plugin } of discovered) if (plugin.lifecycle.allows('init')) await attempt(plugin, () => this.#init(plugin));
  }

  /**
   * Loads, registers and initializes the next generation of a plugin, which then takes over. `check` may refuse what it has
   * registered, and `beforeLoad` where it is to run. If it does not start, nothing of it stays.
   */
  async startNext(next: ManagedPlugin, { beforeLoad, check }: StartRules): Promise<Replacement> {
    const { loader, sandboxes } = this.options;
    const { candidate } = next;
    if (candidate === undefined) throw new Error('cannot load a refused folder');
    next.isolation = loader.isolationOf(candidate);
    beforeLoad();
    next.sandbox = sandboxes.sandboxOf(candidate, next.isolation);
    try {
      return await this.#startNext(next, candidate, next.isolation, check);
    } catch (error) {
      await next.removeFolders();
      throw error;
    }
  }

  async #startNext(next: ManagedPlugin, candidate: Candidate, isolation: Isolation, check: StartRules['check']): Promise<Replacement> {
    const { registry } = this.options;
    const { trace } = next;
    const plugin = await this.#load(next, candidate, isolation, 'required');
    next.plugin = plugin;
    next.announce();
    const replacement = await trace.check('register', 'registering its capabilities', () => registry.registerNext(plugin));
    try {
      noteRegistered(next, replacement.registered);
      await check(replacement);
      await trace.check('init', 'init', () => replacement.start());
    } catch (error) {
      await replacement.discard();
      throw error;
    }
    return replacement;
  }

  /** Shuts a plugin down if it is up. @throws LifecycleError; the plugin has then failed. */
  async end(managed: ManagedPlugin, then: 'disable' | 'retire'): Promise<void> {
    if (managed.isUp) {
      const { registry, endOthers } = this.options;
      const { id = '' } = managed;
      try {
        await managed.trace.check('shutdown', 'shutdown', () => Promise.all([registry.shutdown(id), endOthers(id)]));
      } catch (error) {
        managed.fail(error);
        await managed.removeFolders();
        throw error;
      }
    }
    await managed.removeFolders();
    managed.applyDecision(then);
  }

  async #loadAndRegister(managed: ManagedPlugin, load: () => Promise<Plugin>): Promise<void> {
    const { trace } = managed;
    const { registry } = this.options;
    const plugin = await load();
    managed.plugin = plugin;
    managed.announce();
    await trace.check('register', 'registering its capabilities', () => registry.register(plugin));
    noteRegistered(managed, registry.stateOf(plugin.id));
  }

  /**
   * A plugin with a child of its own starts loading now, several at once. Any other plugin is loaded when `load` is
   * called: if two were loaded at once in one process, it would be unknown which of them crashed it.
   */
  #startLoading(managed: ManagedPlugin): Load {
    const { own, candidate } = managed;
    if (own !== undefined) return { load: () => Promise.resolve(loadOwn(own, managed, this.options.timeouts)) };
    if (candidate === undefined) throw new Error('cannot load a refused folder');
    try {
      const isolation = this.options.loader.isolationOf(candidate);
      managed.isolation = isolation;
      managed.sandbox = this.options.sandboxes.sandboxOf(candidate, isolation);
      const load = (): Promise<Plugin> => this.#load(managed, candidate, isolation, this.options.firstCopy);
      if (isolation !== 'process') return { load };
      const loading = this.#childrenAtOnce(load);
      loading.catch(() => undefined); // the caller of `load` gets the error
      return { load: () => loading, startsAs: managed.sandbox?.startsAs ?? 'plain' };
    } catch (error) {
      const load = (): never => {
        throw error; // a function of the host failed
      };
      return { load };
    }
  }

  async #load(managed: ManagedPlugin, candidate: Candidate, isolation: Isolation, ownCopy: OwnCopy | undefined): Promise<Plugin> {
    const { trace } = managed;
    const { loader, safeguard } = this.options;
    const { sandbox } = managed;
    managed.files = new PluginFiles(candidate);
    const beforeOpen = async ({ path }: Triage): Promise<void> => {
      managed.readConfig = await trace.check('triage', 'configuration schema', () => configReader(candidate));
      await sandbox?.admit(trace);
      await safeguard?.admit(managed, candidate, path, isolation === 'in-process');
    };
    const beforeRun = async ({ path, isWantedCopy }: PlacedLibrary): Promise<void> => {
      managed.hasOwnCopy = isWantedCopy;
      if (isWantedCopy) await safeguard?.admitCopy(managed, candidate, path);
    };
    const beforeReopen = async ({ path }: Triage): Promise<void> => safeguard?.admitAgain(managed, candidate, path);
    await sandbox?.prepare();
    const plugin = await loader.loadPlugin(candidate, isolation, {
      trace,
      lifecycle: managed.lifecycle,
      beforeOpen,
      beforeRun,
      beforeReopen,
      sandbox,
      ownCopy,
      wantsRestart: (end) => managed.wantsRestart(end),
      onOverdue: (call) => managed.onOverdue(call),
      onStateChange: () => managed.announce(),
    });
    if (sandbox !== undefined) this.options.sandboxes.adopt(plugin, sandbox);
    return plugin;
  }

  async #init(managed: ManagedPlugin): Promise<void> {
    const { registry } = this.options;
    const { id = '', trace } = managed;
    try {
      await trace.check('init', 'init', () => registry.init(id));
    } catch (error) {
      // Shut it down now, so that its id is free if it is enabled again.
      await registry.shutdown(id).catch(() => undefined);
      throw error;
    }
    managed.announce();
  }
}
