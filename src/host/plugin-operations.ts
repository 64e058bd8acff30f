import { LifecycleError } from '../errors/index.js';
import { fillTimeouts } from '../loader/load-limits.js';
import { LOADER_SHAPE } from '../loader/loader-options.js';
import type { Logger } from '../log/logger.js';
import { monotonicNow } from '../machine/node-timers.js';
import { pick } from '../options/group.js';
import { requireText } from '../options/require-text.js';
import type { PluginConfig } from '../plugin/config-copy.js';
import type { Plugin } from '../plugin/plugin.js';
import { PluginRegistry } from '../registry/plugin-registry.js';
import { REGISTRY_SHAPE } from '../registry/registry-options.js';
import { bootTiming, type TimingNode } from '../report/boot-timing.js';
import { closePlugins, type CloseResult } from './close-plugins.js';
import type { HostSettings } from './host-options.js';
import { IsolatingLoader } from './isolation.js';
import type { ManagedPlugin } from './managed-plugin.js';
import { PluginSteps } from './plugin-steps.js';
import { reconfigure } from './reconfigure.js';
import { reportChangedFiles, wantsReload } from './replaced-files.js';
import { Roster } from './roster.js';
import { PluginUpdates } from './update/plugin-updates.js';
import { readUpdateOptions } from './update/update-options.js';
import type { UpdateOptions, UpdateResult } from './update/update-result.js';
import { firstCopy, updateSettings } from './update/update-settings.js';
import { Safeguard, wantsSafeguard } from './safeguard.js';
import { SandboxPolicy } from './sandbox/sandbox-policy.js';

/** What `rescan` changed, by id; refusals are in the report. */
export interface RescanResult {
  /** Active now but not before. */
  readonly added: readonly string[];
  /** Active before but not now. */
  readonly removed: readonly string[];
}

/** Starts, changes and ends the plugins of a host. Asynchronous operations must run one at a time. */
export class PluginOperations {
  readonly registry: PluginRegistry;
  readonly #loader: IsolatingLoader;
  readonly #steps: PluginSteps;
  readonly #safeguard: Safeguard | undefined;
  readonly #roster: Roster;
  readonly #updates: PluginUpdates;
  readonly #disabled: Set<string>;
  readonly #configs: Map<string, PluginConfig>;

  constructor(
    private readonly options: HostSettings & { readonly logger: Logger },
    onChange: (plugin: ManagedPlugin) => void,
  ) {
    const { logger } = options;
    this.#disabled = new Set(options.disabled);
    this.#configs = new Map(Object.entries(options.config ?? {}).filter(([, config]) => config !== undefined));
    const loading = pick(LOADER_SHAPE, options);
    if (wantsSafeguard(options)) this.#safeguard = new Safeguard(options, { ...options.processes, ...loading, logger }, (id) => this.#roster.find(id));
    this.#loader = new IsolatingLoader(loading, options, (last, crashes) => this.#safeguard?.recordCrashes(last, crashes));
    const sandboxes = new SandboxPolicy(options, (name) => this.#loader.sharing(name, this.#roster.candidates));
    this.registry = new PluginRegistry({ ...pick(REGISTRY_SHAPE, options), permits: sandboxes.permits, configOf: (plugin) => this.#configOf(plugin) });
    this.#steps = new PluginSteps({
      loader: this.#loader,
      safeguard: this.#safeguard,
      registry: this.registry,
      endOthers: (id) => this.#updates.endOthers(id),
      sandboxes,
      firstCopy: firstCopy(options),
      timeouts: fillTimeouts(options.timeouts),
    });
    this.#roster = new Roster({ isDisabled: (id) => this.#disabled.has(id), othersOf: (id) => this.#updates.othersOf(id), keptBecause: (id) => this.#loader.libraries.keptBecause(id), onChange });
    this.#updates = new PluginUpdates({
      settings: updateSettings(options),
      steps: this.#steps,
      roster: this.#roster,
      safeguard: this.#safeguard,
      libraries: this.#loader.libraries,
      discover: () => this.#loader.discover(),
      logger,
      mustBeLocked: options.trust?.locked === 'require',
    });
  }

  get plugins(): readonly ManagedPlugin[] {
    return this.#roster.plugins;
  }

  find(id: string): ManagedPlugin | undefined {
    return this.#roster.find(id);
  }

  /** @throws LifecycleError ERR_UNKNOWN_PLUGIN */
  known(operation: string, id: string): ManagedPlugin {
    requireText('id', id);
    const plugin = this.#roster.find(id);
    if (plugin === undefined) throw new LifecycleError('ERR_UNKNOWN_PLUGIN', { operation }, { pluginId: id });
    return plugin;
  }

  /** Starts every plugin. Returns how long each part took. */
  async boot(): Promise<TimingNode> {
    const start = monotonicNow();
    const own = (this.options.plugins ?? []).map((plugin) => this.#roster.adoptOwn(plugin));
    await this.#safeguard?.quarantineInterrupted();
    const found = await this.#loader.discover();
    const scanned = monotonicNow();
    await this.#steps.bringUp([...own, ...this.#roster.adopt(found)]);
    return bootTiming(monotonicNow() - start, scanned - start, this.plugins.map((plugin) => plugin.report()));
  }

  async rescan(): Promise<RescanResult> {
    const before = new Set(this.#active());
    const found = await this.#loader.discover();
    const gone = this.plugins.filter((plugin) => plugin.state !== 'retired' && this.#roster.isGone(plugin, found));
    // A plugin that fails to shut down says so in its report; the others continue.
    for (const plugin of gone) await this.#steps.end(plugin, 'retire').catch(() => undefined);
    await this.#steps.bringUp(this.#roster.adopt(found));
    reportChangedFiles(this.plugins, this.options.logger);
    const after = new Set(this.#active());
    return { added: [...after].filter((id) => !before.has(id)), removed: [...before].filter((id) => !after.has(id)) };
  }

  async disable(id: string): Promise<void> {
    const plugin = this.known('disable', id);
    this.#disabled.add(id);
    await this.#steps.end(plugin, 'disable');
  }

  async enable(id: string): Promise<void> {
    const plugin = this.known('enable', id);
    this.#disabled.delete(id);
    // A plugin whose process kept crashing is still registered: end it first, to free its id.
    if (plugin.isUp && plugin.state !== 'active') await this.#steps.end(plugin, 'retire').catch(() => undefined);
    if (!plugin.isUp) await this.#start(plugin, id);
  }

  /** @throws LifecycleError ERR_UNKNOWN_PLUGIN; ERR_LIFECYCLE_STATE if it is disabled; LoadError ERR_OPTIONS */
  async update(id: string, given?: UpdateOptions): Promise<UpdateResult> {
    const options = readUpdateOptions(given);
    const plugin = this.known('update', id);
    if (this.#disabled.has(id)) throw new LifecycleError('ERR_LIFECYCLE_STATE', { operation: 'update', expected: 'an enabled plugin', found: 'disabled' }, { pluginId: id });
    if (plugin.isUp) return this.#updates.update(plugin, options);
    await this.#start(plugin, id);
    const { state, error, generation, plugin: loaded } = this.known('update', id);
    if (state === 'active') return { outcome: 'started', id, generation, version: loaded?.meta.version ?? '' };
    const goneError = new LifecycleError('ERR_UNKNOWN_PLUGIN', { operation: 'update' }, { pluginId: id });
    return { outcome: 'refused', id, error: error ?? goneError };
  }

  /** Updates every plugin whose files have changed since they were loaded, and that is not disabled. */
  async updateChanged(): Promise<readonly UpdateResult[]> {
    const results: UpdateResult[] = [];
    const changed = this.plugins.filter(({ id, files }) => id !== undefined && !this.#disabled.has(id) && files?.haveChanged === true);
    for (const { id = '' } of changed) results.push(await this.update(id));
    return results;
  }

  /** Called for each change of a plugin's state, before it is announced. */
  onChange(plugin: ManagedPlugin): void {
    this.#updates.onChange(plugin);
  }

  /** False if the plugin is restarting: it cannot accept the configuration yet. */
  async reconfigure(id: string, config: PluginConfig): Promise<boolean> {
    const plugin = this.known('reconfigure', id);
    const isDone = await reconfigure(plugin, config);
    if (!isDone) return false;
    this.#configs.set(id, config);
    this.#updates.endProbation(id); // the generation before does not know this configuration
    return true;
  }

  /** For a plugin whose files were replaced before its process ended: checks and loads it from the manifest on, as `enable` does. */
  async reload(plugin: ManagedPlugin): Promise<void> {
    const { id = '' } = plugin;
    if (this.#roster.find(id) !== plugin || !wantsReload(plugin)) return;
    await this.#steps.end(plugin, 'retire').catch(() => undefined);
    await this.#start(plugin, id);
  }

  /** Shuts every plugin down. Never rejects. */
  close(): Promise<CloseResult> {
    return closePlugins(this.plugins, this.#steps);
  }

  async #start({ own }: ManagedPlugin, id: string): Promise<void> {
    if (own !== undefined) return this.#steps.bringUp([this.#roster.adoptOwn(own)]);
    const found = await this.#loader.discover();
    const gone = this.plugins.filter((plugin) => plugin.id === id && this.#roster.isGone(plugin, found));
    for (const plugin of gone) await this.#steps.end(plugin, 'retire');
    return this.#steps.bringUp(this.#roster.adopt(found, id));
  }

  #configOf(plugin: Plugin): PluginConfig {
    const { id } = plugin;
    const managed = this.#updates.startingWith(plugin) ?? this.known('init', id);
    return managed.readConfig(this.#configs.has(id) ? this.#configs.get(id) : {});
  }

  #active(): string[] {
    return this.plugins.filter((plugin) => plugin.isUp).map((plugin) => plugin.id ?? '');
  }
}
