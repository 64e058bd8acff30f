import { EventEmitter } from 'node:events';
import type { CapabilityKind } from '../abi/constants.js';
import type { Faces } from '../capability/faces.js';
import { LifecycleError, type PluginError } from '../errors/index.js';
import { DynamicPluginLoader } from '../loader/dynamic-plugin-loader.js';
import { silentLogger, type Logger } from '../log/logger.js';
import type { Plugin } from '../plugin/plugin.js';
import type { HookName } from '../manifest/index.js';
import type { DispatchOptions, HookResult } from '../registry/hook-dispatch.js';
import { PluginRegistry } from '../registry/plugin-registry.js';
import { Turns } from '../registry/turns.js';
import { bootTiming, type TimingNode } from '../report/boot-timing.js';
import type { PluginReport } from '../report/plugin-report.js';
import type { Discovery } from '../scan/index.js';
import type { PluginHostOptions } from './host-options.js';
import type { ManagedPlugin } from './managed-plugin.js';
import type { PluginConfig } from './plugin-config.js';
import { Roster } from './roster.js';

/** What `close` did: who was ended, and who would not end. */
export interface CloseResult {
  readonly ended: readonly string[];
  readonly failed: readonly { readonly id: string; readonly error: Error }[];
}

/** What `rescan` changed, by id; refusals are in the report. */
export interface RescanResult {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Plugins, found, loaded and kept: `await PluginHost.open({ pluginDirs, hostVersion })`, and no broken plugin is an
 * exception. Emits `state` with a plugin's report whenever a plugin's state changes.
 */
export class PluginHost extends EventEmitter<{ state: [PluginReport] }> implements AsyncDisposable {
  readonly #loader: DynamicPluginLoader;
  readonly #registry: PluginRegistry;
  readonly #logger: Logger;
  readonly #turns = new Turns();
  readonly #disabled: Set<string>;
  readonly #configs: Map<string, PluginConfig>;
  readonly #roster: Roster;
  #bootTiming: TimingNode = { name: 'open', ms: 0, children: [] };
  #closed: Promise<CloseResult> | undefined;

  /**
   * Scans, loads, registers and initialises, and returns even when every plugin fails: `report()` says why.
   * @throws LoadError ERR_VERSION_COMPATIBILITY where `hostVersion` is not strict SemVer: that is the host's mistake.
   */
  static async open(options: PluginHostOptions): Promise<PluginHost> {
    const host = new PluginHost(options);
    await host.#turns.take(() => host.#boot(options.plugins ?? []));
    return host;
  }

  private constructor(options: PluginHostOptions) {
    super();
    this.#logger = options.logger ?? silentLogger;
    this.#loader = new DynamicPluginLoader(options);
    this.#disabled = new Set(options.disabled);
    this.#configs = new Map(Object.entries(options.config ?? {}));
    this.#registry = new PluginRegistry({ ...options, configOf: (plugin) => this.#configOf(plugin.id) });
    this.#roster = new Roster({
      loader: this.#loader,
      registry: this.#registry,
      isDisabled: (id) => this.#disabled.has(id),
      onChange: (plugin) => this.#announce(plugin),
    });
  }

  get tools(): readonly Faces['tool'][] {
    return this.#registry.capabilities('tool');
  }
  get commands(): readonly Faces['command'][] {
    return this.#registry.capabilities('command');
  }
  get hooks(): readonly Faces['hook'][] {
    return this.#registry.capabilities('hook');
  }
  get channels(): readonly Faces['channel'][] {
    return this.#registry.capabilities('channel');
  }
  get providers(): readonly Faces['provider'][] {
    return this.#registry.capabilities('provider');
  }

  /** One capability by name, of a plugin that is active. */
  find<K extends Exclude<CapabilityKind, 'hook'>>(kind: K, name: string): Faces[K] | undefined {
    return this.#registry.find(kind, name);
  }

  /** Runs every handler of a hook in plugin order: who changed, vetoed or failed is in the result. */
  dispatch(hook: HookName, data: unknown, options?: DispatchOptions): Promise<HookResult> {
    return this.#registry.dispatch(hook, data, options);
  }

  /** Every plugin that was found, in the order of the scan, with its state and the record of its way. */
  report(): readonly PluginReport[] {
    return this.#roster.plugins.map((plugin) => plugin.report());
  }

  /** The same for one plugin: why it is or is not active. */
  explain(id: string): PluginReport | undefined {
    return this.#roster.find(id)?.report();
  }

  /** Where the time of `open` went. */
  get bootTiming(): TimingNode {
    return this.#bootTiming;
  }

  /** Scans again: loads what is new, tries again what was refused or failed, ends what is gone from its folder. */
  rescan(): Promise<RescanResult> {
    return this.#inTurn('rescan', async () => {
      const before = new Set(this.#active());
      const discovery = await this.#loader.discover();
      for (const plugin of this.#roster.plugins) {
        // One that will not end has failed, which its report says; the others go on.
        if (isGone(plugin, discovery)) await this.#roster.end(plugin, 'retired').catch(() => undefined);
      }
      await this.#roster.bringUp(this.#roster.adopt(discovery));
      const after = new Set(this.#active());
      return { added: [...after].filter((id) => !before.has(id)), removed: [...before].filter((id) => !after.has(id)) };
    });
  }

  /** Ends a plugin and keeps it ended, also over `rescan`. @throws LifecycleError */
  disable(id: string): Promise<void> {
    return this.#inTurn('disable', async () => {
      const plugin = this.#known('disable', id);
      this.#disabled.add(id);
      await this.#roster.end(plugin, 'disabled');
    });
  }

  /** Loads a plugin that was disabled, refused, failed or retired. What comes of it is in its report. */
  enable(id: string): Promise<PluginReport> {
    return this.#inTurn('enable', async () => {
      const plugin = this.#known('enable', id);
      this.#disabled.delete(id);
      if (plugin.state !== 'active' && plugin.candidate !== undefined) {
        plugin.restart();
        await this.#roster.bringUp([plugin]);
      }
      return plugin.report();
    });
  }

  /**
   * Validates a new configuration, then tells the plugin. Refused by either, the old one stays in force.
   * @throws LifecycleError ERR_CONFIG, ERR_LIFECYCLE_STATE
   */
  reconfigure(id: string, config: PluginConfig): Promise<void> {
    return this.#inTurn('reconfigure', async () => {
      const managed = this.#known('reconfigure', id);
      const { plugin } = managed;
      if (plugin === undefined || managed.state !== 'active') {
        const fields = { operation: 'reconfigure', expected: 'active', found: managed.state };
        throw new LifecycleError('ERR_LIFECYCLE_STATE', fields, { pluginId: id, step: 'active' });
      }
      const filled = managed.readConfig?.(config) ?? config;
      if (plugin.reconfigure === undefined) {
        const fields = { key: '', reason: 'the plugin takes its configuration at init only' };
        throw new LifecycleError('ERR_CONFIG', fields, { pluginId: id, step: 'active' });
      }
      await plugin.reconfigure(filled);
      this.#configs.set(id, config);
    });
  }

  /**
   * Refuses new invocations, cancels all, waits, shuts down in reverse order. Always settles: a plugin that does not
   * end by its deadline is named. Later calls get the same result.
   */
  close(): Promise<CloseResult> {
    this.#closed ??= this.#turns.take(() => this.#close());
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #boot(ownPlugins: readonly Plugin[]): Promise<void> {
    const start = performance.now();
    const own = ownPlugins.map((plugin) => this.#roster.addOwn(plugin));
    const discovery = await this.#loader.discover();
    const scanned = performance.now();
    await this.#roster.bringUp([...own, ...this.#roster.adopt(discovery)]);
    this.#bootTiming = bootTiming(performance.now() - start, scanned - start, this.report());
  }

  async #close(): Promise<CloseResult> {
    const ended: string[] = [];
    const failed: { id: string; error: Error }[] = [];
    for (const plugin of [...this.#roster.plugins].reverse()) {
      if (plugin.state !== 'active') continue;
      const { id = '' } = plugin;
      await this.#roster.end(plugin, 'retired').then(
        () => ended.push(id),
        (error: unknown) => failed.push({ id, error: error as Error }),
      );
    }
    return { ended, failed };
  }

  #configOf(id: string): PluginConfig {
    const config = this.#configs.get(id) ?? {};
    return this.#roster.find(id)?.readConfig?.(config) ?? config;
  }

  #active(): string[] {
    return this.#roster.plugins.filter((plugin) => plugin.state === 'active').map((plugin) => plugin.id ?? '');
  }

  #known(operation: string, id: string): ManagedPlugin {
    const plugin = this.#roster.find(id);
    if (plugin === undefined) throw new LifecycleError('ERR_UNKNOWN_PLUGIN', { operation }, { pluginId: id });
    return plugin;
  }

  async #inTurn<T>(operation: string, run: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) {
      throw new LifecycleError('ERR_LIFECYCLE_STATE', { operation, expected: 'an open host', found: 'closed' });
    }
    return this.#turns.take(run);
  }

  #announce(plugin: ManagedPlugin): void {
    const report = plugin.report();
    if (plugin.error !== undefined) {
      const { message } = plugin.error as PluginError;
      this.#logger.warn(message, { pluginId: report.id, path: report.path, code: report.code, hint: report.hint });
    } else {
      this.#logger.debug(`plugin ${report.id ?? '?'} is ${report.state}`, { pluginId: report.id, state: report.state });
    }
    this.emit('state', report);
  }
}

const isGone = ({ candidate, id, path }: ManagedPlugin, { candidates }: Discovery): boolean =>
  candidate !== undefined && !candidates.some((found) => found.id === id && found.path === path);
