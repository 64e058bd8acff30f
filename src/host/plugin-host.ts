import { EventEmitter } from 'node:events';
import type { CapabilityLists, CapabilityHandles, UniqueKind } from '../capability/kinds/index.js';
import { LifecycleError, asPluginError, messageOf } from '../errors/index.js';
import { fillTimeouts } from '../loader/load-limits.js';
import { LOADER_SHAPE } from '../loader/loader-options.js';
import { guardedLogger } from '../log/guarded-logger.js';
import { silentLogger, type Logger } from '../log/logger.js';
import type { HookName } from '../manifest/index.js';
import { monotonicNow } from '../machine/node-timers.js';
import type { PluginConfig } from '../plugin/config-copy.js';
import type { Plugin } from '../plugin/plugin.js';
import type { DispatchOptions, HookResult } from '../registry/hook-dispatch.js';
import { pick } from '../options/group.js';
import { requireText } from '../options/require-text.js';
import { REGISTRY_SHAPE } from '../registry/registry-options.js';
import { PluginRegistry } from '../registry/plugin-registry.js';
import { SerialQueue } from '../registry/serial-queue.js';
import { bootTiming, type TimingNode } from '../report/boot-timing.js';
import type { PluginReport } from '../report/plugin-report.js';
import { announce, type HostEvents } from './announcer.js';
import { closePlugins, type CloseResult } from './close-plugins.js';
import { readHostOptions, type HostSettings, type PluginHostOptions } from './host-options.js';
import { IsolatingLoader } from './isolation.js';
import { PluginSteps } from './plugin-steps.js';
import type { ManagedPlugin } from './managed-plugin.js';
import { anyConfig } from './plugin-config.js';
import { reconfigure } from './reconfigure.js';
import { reportChangedFiles, untilSettled, wantsReload } from './replaced-files.js';
import { Roster } from './roster.js';
import { Safeguard, wantsSafeguard } from './safeguard.js';

/** What `rescan` changed, by id; refusals are in the report. */
export interface RescanResult {
  /** Active now but not before. */
  readonly added: readonly string[];
  /** Active before but not now. */
  readonly removed: readonly string[];
}

/**
 * Finds, loads and manages plugins: `await PluginHost.open({ pluginDirs, hostVersion })`. A broken plugin never makes it
 * throw. Emits `state` with the plugin's report whenever a plugin's state changes. Methods may be called concurrently: those
 * that change plugins run one at a time, and throw LifecycleError ERR_LIFECYCLE_STATE after `close`.
 */
export class PluginHost extends EventEmitter<HostEvents> implements CapabilityLists, AsyncDisposable {
  readonly #logger: Logger;
  readonly #loader: IsolatingLoader;
  readonly #registry: PluginRegistry;
  readonly #steps: PluginSteps;
  readonly #safeguard: Safeguard | undefined;
  readonly #roster: Roster;
  readonly #queue = new SerialQueue();
  readonly #disabled: Set<string>;
  readonly #configs: Map<string, PluginConfig>;
  #bootTiming: TimingNode = { name: 'open', ms: 0, children: [] };
  #closed: Promise<CloseResult> | undefined;

  /**
   * Scans, loads, registers and initializes. Resolves even if every plugin fails: `report()` says why.
   * @throws LoadError ERR_VERSION_COMPATIBILITY if `hostVersion` is not strict SemVer, ERR_OPTIONS and ERR_TRUST_OPTIONS
   * if an option has an unknown name or an unusable value. In all these cases no plugin has been opened.
   */
  static async open(options: PluginHostOptions): Promise<PluginHost> {
    const settings = readHostOptions(options);
    const host = new PluginHost(settings);
    try {
      await host.#queue.run(() => host.#boot(settings.plugins ?? []));
    } catch (error) {
      await host.close(); // leaves no child behind
      throw asPluginError(error);
    }
    return host;
  }

  private constructor(given: HostSettings) {
    super();
    const logger = guardedLogger(given.logger ?? silentLogger);
    this.#logger = logger;
    const options = { ...given, logger };
    this.#disabled = new Set(options.disabled);
    this.#configs = new Map(Object.entries(options.config ?? {}).filter(([, config]) => config !== undefined));
    const loading = pick(LOADER_SHAPE, options);
    if (wantsSafeguard(options)) this.#safeguard = new Safeguard(options, { ...options.processes, ...loading, logger });
    this.#loader = new IsolatingLoader(loading, options, (last, crashes) => this.#safeguard?.recordCrashes(last, crashes));
    this.#registry = new PluginRegistry({ ...pick(REGISTRY_SHAPE, options), configOf: ({ id }) => this.#configOf(id) });
    this.#steps = new PluginSteps({
      loader: this.#loader,
      safeguard: this.#safeguard,
      registry: this.#registry,
      timeouts: fillTimeouts(options.timeouts),
    });
    this.#roster = new Roster({
      isDisabled: (id) => this.#disabled.has(id),
      onChange: (plugin) => {
        announce(plugin.report(), this, logger);
        if (wantsReload(plugin)) void this.#reload(plugin).catch((error: unknown) => logger.error(messageOf(error)));
      },
    });
    if (options.onState !== undefined) this.on('state', options.onState);
  }

  get tools(): readonly CapabilityHandles['tool'][] {
    return this.#registry.capabilities('tool');
  }
  get commands(): readonly CapabilityHandles['command'][] {
    return this.#registry.capabilities('command');
  }
  get hooks(): readonly CapabilityHandles['hook'][] {
    return this.#registry.capabilities('hook');
  }
  get channels(): readonly CapabilityHandles['channel'][] {
    return this.#registry.capabilities('channel');
  }
  get providers(): readonly CapabilityHandles['provider'][] {
    return this.#registry.capabilities('provider');
  }

  /** The capability with this name, if its plugin is active. */
  find<K extends UniqueKind>(kind: K, name: string): CapabilityHandles[K] | undefined {
    return this.#registry.find(kind, name);
  }

  /** Runs every handler of a hook in plugin order. The result says which handlers changed the data, vetoed or failed. */
  dispatch(hook: HookName, data: unknown, options?: DispatchOptions): Promise<HookResult> {
    return this.#registry.dispatch(hook, data, options);
  }

  /** Every known plugin with its state and trace: the host's own first, then the others in scan order. */
  report(): readonly PluginReport[] {
    return this.#roster.plugins.map((plugin) => plugin.report());
  }

  /** The same for one plugin: why it is or is not active. */
  explain(id: string): PluginReport | undefined {
    return this.#roster.find(id)?.report();
  }

  /** How long each part of `open` took. */
  get bootTiming(): TimingNode {
    return this.#bootTiming;
  }

  /**
   * Scans again: ends plugins whose folder is gone, loads new ones, and retries those that were refused before any of their
   * code ran. Active plugins stay as they are; if their files have changed, that is logged once and the report has
   * `filesChanged`. A plugin that failed after its code ran is retried only by `enable`.
   */
  rescan(): Promise<RescanResult> {
    return this.#inTurn('rescan', async () => {
      const before = new Set(this.#active());
      const found = await this.#loader.discover();
      const gone = this.#roster.plugins.filter((plugin) => plugin.state !== 'retired' && this.#roster.isGone(plugin, found));
      // A plugin that fails to shut down says so in its report; the others continue.
      for (const plugin of gone) await this.#steps.end(plugin, 'retire').catch(() => undefined);
      await this.#steps.bringUp(this.#roster.adopt(found));
      reportChangedFiles(this.#roster.plugins, this.#logger);
      const after = new Set(this.#active());
      return { added: [...after].filter((id) => !before.has(id)), removed: [...before].filter((id) => !after.has(id)) };
    });
  }

  /**
   * Shuts a plugin down and keeps it down, even across `rescan`.
   * @throws LifecycleError ERR_UNKNOWN_PLUGIN; ERR_SHUTDOWN_FAILED or ERR_LIFECYCLE_TIMEOUT if it did not shut down cleanly
   */
  disable(id: string): Promise<void> {
    return this.#inTurn('disable', async () => {
      const plugin = this.#known('disable', id);
      this.#disabled.add(id);
      await this.#steps.end(plugin, 'disable');
    });
  }

  /**
   * Loads a plugin that was disabled, refused, failed or retired, from the current contents of its folder. Returns its
   * report, which says how that went. @throws LifecycleError ERR_UNKNOWN_PLUGIN
   */
  enable(id: string): Promise<PluginReport> {
    return this.#inTurn('enable', async () => {
      const plugin = this.#known('enable', id);
      this.#disabled.delete(id);
      // A plugin whose process kept crashing is still registered: end it first, to free its id.
      if (plugin.isUp && plugin.state !== 'active') await this.#steps.end(plugin, 'retire').catch(() => undefined);
      if (!plugin.isUp) await this.#start(plugin, id);
      return this.#known('enable', id).report();
    });
  }

  /**
   * Validates a new configuration, then passes it to the plugin. If the schema or the plugin rejects it, the old one stays
   * in force, also for later starts. A plugin that is restarting gets it after the restart; an inactive one when it is enabled.
   * @throws LifecycleError ERR_UNKNOWN_PLUGIN, ERR_CONFIG, ERR_LIFECYCLE_TIMEOUT, ERR_LIFECYCLE_CRASHED
   */
  async reconfigure(id: string, config: PluginConfig): Promise<void> {
    this.#requireOpen('reconfigure');
    const { reconfigurations } = this.#known('reconfigure', id);
    // Keep it without the schema's defaults: another release of the plugin may have different ones.
    const given = anyConfig(id)(config);
    await reconfigurations.run(async () => {
      while (!(await this.#inTurn('reconfigure', () => this.#reconfigure(id, given)))) {
        // Wait outside the queue, so that `close` and `disable` do not wait for the restart.
        await this.#known('reconfigure', id).whenRestarted();
      }
    });
  }

  /**
   * Refuses new invocations, then shuts the plugins down in reverse order: cancels their open invocations and waits for them.
   * Each shutdown starts when the previous one has ended or has taken a second. Always settles: a plugin that misses its
   * deadline is in `failed`. Later calls return the same result.
   */
  close(): Promise<CloseResult> {
    this.#registry.refuseInvocations();
    this.#closed ??= this.#queue.run(() => closePlugins(this.#roster.plugins, this.#steps));
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #boot(ownPlugins: readonly Plugin[]): Promise<void> {
    const start = monotonicNow();
    const own = ownPlugins.map((plugin) => this.#roster.adoptOwn(plugin));
    await this.#safeguard?.quarantineInterrupted();
    const found = await this.#loader.discover();
    const scanned = monotonicNow();
    await this.#steps.bringUp([...own, ...this.#roster.adopt(found)]);
    this.#bootTiming = bootTiming(monotonicNow() - start, scanned - start, this.report());
  }

  async #start({ own }: ManagedPlugin, id: string): Promise<void> {
    if (own !== undefined) return this.#steps.bringUp([this.#roster.adoptOwn(own)]);
    const found = await this.#loader.discover();
    for (const plugin of this.#roster.plugins) {
      if (plugin.id === id && this.#roster.isGone(plugin, found)) await this.#steps.end(plugin, 'retire');
    }
    return this.#steps.bringUp(this.#roster.adopt(found, id));
  }

  /** For a plugin whose files were replaced before its process ended: checks and loads it from the manifest on, as `enable` does. */
  async #reload(plugin: ManagedPlugin): Promise<void> {
    const { id = '', candidate } = plugin;
    if (candidate === undefined) return;
    await untilSettled(candidate);
    await this.#queue.run(async () => {
      const isWanted = this.#closed === undefined && this.#roster.find(id) === plugin && wantsReload(plugin);
      if (!isWanted) return;
      await this.#steps.end(plugin, 'retire').catch(() => undefined);
      await this.#start(plugin, id);
    });
  }

  /** False if the plugin is restarting: it cannot accept the configuration yet. */
  async #reconfigure(id: string, config: PluginConfig): Promise<boolean> {
    const plugin = this.#known('reconfigure', id);
    const isDone = await reconfigure(plugin, config);
    if (isDone) this.#configs.set(id, config);
    return isDone;
  }

  #configOf(id: string): PluginConfig {
    return this.#known('init', id).readConfig(this.#configs.has(id) ? this.#configs.get(id) : {});
  }

  #active(): string[] {
    return this.#roster.plugins.filter((plugin) => plugin.isUp).map((plugin) => plugin.id ?? '');
  }

  #known(operation: string, id: string): ManagedPlugin {
    requireText('id', id);
    const plugin = this.#roster.find(id);
    if (plugin === undefined) throw new LifecycleError('ERR_UNKNOWN_PLUGIN', { operation }, { pluginId: id });
    return plugin;
  }

  async #inTurn<T>(operation: string, run: () => Promise<T>): Promise<T> {
    this.#requireOpen(operation);
    return this.#queue.run(run);
  }

  #requireOpen(operation: string): void {
    if (this.#closed === undefined) return;
    throw new LifecycleError('ERR_LIFECYCLE_STATE', { operation, expected: 'an open host', found: 'closed' });
  }
}
