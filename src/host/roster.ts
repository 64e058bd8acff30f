import type { DynamicPluginLoader } from '../loader/dynamic-plugin-loader.js';
import type { Plugin } from '../plugin/plugin.js';
import type { PluginRegistry } from '../registry/plugin-registry.js';
import type { Candidate, Discovery } from '../scan/index.js';
import { ManagedPlugin } from './managed-plugin.js';
import { configReader } from './plugin-config.js';

export interface RosterOptions {
  readonly loader: DynamicPluginLoader;
  readonly registry: PluginRegistry;
  readonly isDisabled: (id: string) => boolean;
  readonly onChange: (plugin: ManagedPlugin) => void;
}

/** Every plugin a host knows of, and the ways up and down. A failure is kept on the plugin that it is of. */
export class Roster {
  #plugins: ManagedPlugin[] = [];

  constructor(private readonly options: RosterOptions) {}

  /** The host's own first, then in the order of the scan. */
  get plugins(): readonly ManagedPlugin[] {
    return this.#plugins;
  }

  find(id: string): ManagedPlugin | undefined {
    return this.#plugins.find((plugin) => plugin.id === id);
  }

  addOwn(plugin: Plugin): ManagedPlugin {
    const managed = this.#add(plugin.id, undefined, undefined);
    managed.plugin = plugin;
    return managed;
  }

  /** Takes a scan's findings in; a refusal lasts only as long as its scan. Returns those to bring up, in order. */
  adopt({ candidates, refused }: Discovery): readonly ManagedPlugin[] {
    this.#plugins = this.#plugins.filter((plugin) => plugin.candidate !== undefined || plugin.path === undefined);
    const fresh = candidates.map((candidate) => this.#adoptCandidate(candidate));
    for (const { id, path, error } of refused) {
      const plugin = this.#add(id, path, undefined);
      plugin.trace.refuse(error.step, 'the scan', error);
      plugin.fail(error);
    }
    return fresh.filter((plugin) => plugin.state === 'discovered');
  }

  #adoptCandidate(candidate: Candidate): ManagedPlugin {
    const known = this.find(candidate.id);
    if (known?.state === 'active') return known;
    if (known !== undefined) this.#plugins.splice(this.#plugins.indexOf(known), 1);
    const plugin = this.#add(candidate.id, candidate.path, candidate);
    if (this.options.isDisabled(candidate.id)) plugin.become('disabled');
    return plugin;
  }

  #add(id: string | undefined, path: string | undefined, candidate: Candidate | undefined): ManagedPlugin {
    const managed = new ManagedPlugin(id, path, candidate, this.options.onChange);
    this.#plugins.push(managed);
    return managed;
  }

  /** Loads and registers all, then initialises all, each in order. */
  async bringUp(plugins: readonly ManagedPlugin[]): Promise<void> {
    for (const plugin of plugins) await attempt(plugin, () => this.#loadAndRegister(plugin));
    for (const plugin of plugins) if (plugin.state === 'registered') await attempt(plugin, () => this.#init(plugin));
  }

  async #loadAndRegister(managed: ManagedPlugin): Promise<void> {
    const { candidate, trace } = managed;
    const { loader, registry } = this.options;
    if (candidate !== undefined) {
      managed.readConfig = await trace.check('manifest', 'the configuration schema', () => configReader(candidate));
      managed.plugin = await loader.loadPlugin(candidate, trace);
    }
    const { plugin } = managed;
    if (plugin === undefined) return;
    managed.become('loaded');
    await trace.check('register', 'registering its capabilities', () => registry.register(plugin));
    managed.missing = registry.stateOf(plugin.id)?.missing ?? [];
    if (managed.missing.length > 0) trace.note('register', 'declared, but not registered', managed.missing.join(', '));
    managed.become('registered');
  }

  async #init(managed: ManagedPlugin): Promise<void> {
    const { registry } = this.options;
    const { id = '', trace } = managed;
    try {
      await trace.check('init', 'init', () => registry.init(id));
    } catch (error) {
      // Ended here and now, so that enabling it again finds its id free.
      await registry.shutdown(id).catch(() => undefined);
      throw error;
    }
    managed.become('active');
  }

  /** Ends a plugin where it is active. @throws LifecycleError; the plugin has failed then. */
  async end(managed: ManagedPlugin, state: 'disabled' | 'retired'): Promise<void> {
    if (managed.state === 'active') {
      try {
        await managed.trace.check('shutdown', 'shutdown', () => this.options.registry.shutdown(managed.id ?? ''));
      } catch (error) {
        managed.fail(error);
        throw error;
      }
    }
    managed.become(state);
  }
}

async function attempt(plugin: ManagedPlugin, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    plugin.fail(error);
  }
}
