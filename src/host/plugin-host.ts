import { EventEmitter } from 'node:events';
import type { ToolFormat, ToolFormats } from '../capability/definitions/formats.js';
import { toolDefinitions, type ToolDefinitionOptions, type ToolDefinitions } from '../capability/definitions/tool-definitions.js';
import type { CapabilityLists, CapabilityHandles, UniqueKind } from '../capability/kinds/index.js';
import { LifecycleError, asPluginError, messageOf } from '../errors/index.js';
import { guardedLogger } from '../log/guarded-logger.js';
import { silentLogger, type Logger } from '../log/logger.js';
import type { HookName } from '../manifest/index.js';
import type { PluginConfig } from '../plugin/config-copy.js';
import type { DispatchOptions, HookResult } from '../registry/hook-dispatch.js';
import { SerialQueue } from '../registry/serial-queue.js';
import type { TimingNode } from '../report/boot-timing.js';
import type { PluginReport } from '../report/plugin-report.js';
import { announce, type HostEvents } from './announcer.js';
import type { CloseResult } from './close-plugins.js';
import { readHostOptions, type HostSettings, type PluginHostOptions } from './host-options.js';
import type { ManagedPlugin } from './managed-plugin.js';
import { anyConfig } from './plugin-config.js';
import { PluginOperations, type RescanResult } from './plugin-operations.js';
import { untilSettled, wantsReload } from './replaced-files.js';
import type { UpdateOptions, UpdateResult } from './update/update-result.js';
import { PluginWatch } from './watch/plugin-watch.js';

/**
 * Finds, loads and manages plugins: `await PluginHost.open({ pluginDirs, hostVersion })`. A broken plugin never makes it
 * throw. Emits `state` with the plugin's report whenever a plugin's state changes. Methods may be called concurrently: those
 * that change plugins run one at a time, and throw LifecycleError ERR_LIFECYCLE_STATE after `close`.
 */
export class PluginHost extends EventEmitter<HostEvents> implements CapabilityLists, AsyncDisposable {
  readonly #logger: Logger;
  readonly #operations: PluginOperations;
  readonly #watch: PluginWatch;
  readonly #queue = new SerialQueue();
  #bootTiming: TimingNode = { name: 'open', ms: 0, children: [] };
  #closed: Promise<CloseResult> | undefined;

  /**
   * Scans, loads, registers and initializes. Resolves even if every plugin fails: `report()` says why.
   * @throws LoadError ERR_VERSION_COMPATIBILITY if `hostVersion` is not strict SemVer, ERR_OPTIONS and ERR_TRUST_OPTIONS
   * if an option has an unknown name or an unusable value. In all these cases no plugin has been opened.
   */
  static async open(options: PluginHostOptions): Promise<PluginHost> {
    const host = new PluginHost(readHostOptions(options));
    try {
      host.#bootTiming = await host.#queue.run(() => host.#watch.start().then(() => host.#operations.boot()));
    } catch (error) {
      await host.close(); // leaves no child behind
      throw asPluginError(error);
    }
    return host;
  }

  private constructor(options: HostSettings) {
    super();
    const logger = guardedLogger(options.logger ?? silentLogger);
    this.#logger = logger;
    this.#operations = new PluginOperations({ ...options, logger }, (plugin) => this.#onChange(plugin));
    this.#watch = new PluginWatch({ ...options, logger, operations: this.#operations, inTurn: (run) => this.#inTurn('watch', run) });
    if (options.onState !== undefined) this.on('state', options.onState);
  }

  get tools(): readonly CapabilityHandles['tool'][] {
    return this.#operations.registry.capabilities('tool');
  }
  get commands(): readonly CapabilityHandles['command'][] {
    return this.#operations.registry.capabilities('command');
  }
  get hooks(): readonly CapabilityHandles['hook'][] {
    return this.#operations.registry.capabilities('hook');
  }
  get channels(): readonly CapabilityHandles['channel'][] {
    return this.#operations.registry.capabilities('channel');
  }
  get providers(): readonly CapabilityHandles['provider'][] {
    return this.#operations.registry.capabilities('provider');
  }

  /** The capability with this name, if its plugin is active. */
  find<K extends UniqueKind>(kind: K, name: string): CapabilityHandles[K] | undefined {
    return this.#operations.registry.find(kind, name);
  }

  /**
   * The tools as a model's API takes them in a request, and the way back from its calls. A snapshot: call it again when plugins
   * have changed. @throws LoadError ERR_OPTIONS
   */
  toolDefinitions<F extends ToolFormat>(format: F, options?: ToolDefinitionOptions): ToolDefinitions<ToolFormats[F]> {
    return toolDefinitions(this.tools, format, options);
  }

  /** Runs every handler of a hook, in the order of their priorities and plugins. The result says which handlers changed the data, vetoed or failed. */
  dispatch(hook: HookName, data: unknown, options?: DispatchOptions): Promise<HookResult> {
    return this.#operations.registry.dispatch(hook, data, options);
  }

  /** Every known plugin with its state and trace: the host's own first, then the others in scan order. */
  report(): readonly PluginReport[] {
    return this.#operations.plugins.map((plugin) => plugin.report());
  }

  /** The same for one plugin: why it is or is not active. */
  explain(id: string): PluginReport | undefined {
    return this.#operations.find(id)?.report();
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
    return this.#inTurn('rescan', () => this.#operations.rescan());
  }

  /**
   * Starts the present contents of a plugin's folder beside the generation that runs, then lets it take over (docs/reload.md). If it
   * does not start, the generation that runs stays. Without an id: every plugin whose files have changed.
   * @throws LifecycleError ERR_UNKNOWN_PLUGIN; ERR_LIFECYCLE_STATE if the plugin is disabled
   */
  update(id: string, options?: UpdateOptions): Promise<UpdateResult>;
  update(): Promise<readonly UpdateResult[]>;
  update(id?: string, options?: UpdateOptions): Promise<UpdateResult | readonly UpdateResult[]> {
    return this.#inTurn<UpdateResult | readonly UpdateResult[]>('update', () => (id === undefined ? this.#operations.updateChanged() : this.#operations.update(id, options)));
  }

  /**
   * Shuts a plugin down and keeps it down, even across `rescan`.
   * @throws LifecycleError ERR_UNKNOWN_PLUGIN; ERR_SHUTDOWN_FAILED or ERR_LIFECYCLE_TIMEOUT if it did not shut down cleanly
   */
  disable(id: string): Promise<void> {
    return this.#inTurn('disable', () => this.#operations.disable(id));
  }

  /**
   * Loads a plugin that was disabled, refused, failed or retired, from the current contents of its folder. Returns its
   * report, which says how that went. @throws LifecycleError ERR_UNKNOWN_PLUGIN
   */
  enable(id: string): Promise<PluginReport> {
    return this.#inTurn('enable', async () => {
      await this.#operations.enable(id);
      return this.#operations.known('enable', id).report();
    });
  }

  /**
   * Validates a new configuration, then passes it to the plugin. If the schema or the plugin rejects it, the old one stays
   * in force, also for later starts. A plugin that is restarting gets it after the restart; an inactive one when it is enabled.
   * @throws LifecycleError ERR_UNKNOWN_PLUGIN, ERR_CONFIG, ERR_LIFECYCLE_TIMEOUT, ERR_LIFECYCLE_CRASHED
   */
  async reconfigure(id: string, config: PluginConfig): Promise<void> {
    this.#requireOpen('reconfigure');
    const { reconfigurations } = this.#operations.known('reconfigure', id);
    // Keep it without the schema's defaults: another release of the plugin may have different ones.
    const given = anyConfig(id)(config);
    await reconfigurations.run(async () => {
      while (!(await this.#inTurn('reconfigure', () => this.#operations.reconfigure(id, given)))) {
        // Wait outside the queue, so that `close` and `disable` do not wait for the restart.
        await this.#operations.known('reconfigure', id).whenRestarted();
      }
    });
  }

  /**
   * Refuses new invocations, then shuts the plugins down in reverse order: cancels their open invocations and waits for them.
   * Each shutdown starts when the previous one has ended or has taken a second. Always settles: a plugin that misses its
   * deadline is in `failed`. Later calls return the same result.
   */
  close(): Promise<CloseResult> {
    this.#watch.close();
    this.#operations.registry.refuseInvocations();
    this.#closed ??= this.#queue.run(() => this.#operations.close());
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #onChange(plugin: ManagedPlugin): void {
    this.#operations.onChange(plugin);
    announce(plugin.report(), this, this.#logger);
    if (!wantsReload(plugin)) return;
    const reload = (): Promise<void> => (this.#closed === undefined ? this.#operations.reload(plugin) : Promise.resolve());
    void untilSettled(plugin).then(() => this.#queue.run(reload)).catch((error: unknown) => this.#logger.error(messageOf(error)));
  }

  async #inTurn<T>(operation: string, run: () => Promise<T>): Promise<T> {
    this.#requireOpen(operation);
    return this.#queue.run(run);
  }

  #requireOpen(operation: string): void {
    if (this.#closed !== undefined) throw new LifecycleError('ERR_LIFECYCLE_STATE', { operation, expected: 'an open host', found: 'closed' });
  }
}
