import { JsInvoker } from '../plugin/js/invoker.js';
import { LifecycleError, type PluginError } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { pluginLogger } from '../log/plugin-logger.js';
import { copyOfConfig } from '../plugin/config-copy.js';
import { Lifecycle } from '../plugin/lifecycle.js';
import type { PluginState } from '../plugin/lifecycle-table.js';
import type { Plugin, PluginApi } from '../plugin/plugin.js';
import { stepFailure } from '../plugin/step-errors.js';
import { withLifecycle } from '../plugin/with-lifecycle.js';
import type { CapabilityTable } from './capability-table.js';
import { makeDataDir } from './data-dir.js';
import type { Generation } from './generation.js';
import { callFromPlugin, type MayCall } from './plugin-call.js';
import { registerPlugin } from './register-plugin.js';
import type { Permits, PluginRegistryOptions } from './registry-options.js';
import { SerialQueue } from './serial-queue.js';

/** Shared by all entries of a registry. */
export interface EntryOptions {
  readonly hostVersion: string;
  readonly dataDir: string;
  readonly configOf: Required<PluginRegistryOptions>['configOf'];
  readonly mayCall: MayCall;
  readonly permits: Permits;
  readonly logger: Logger;
  readonly table: CapabilityTable;
}

export interface EntryListener {
  /** Called when it becomes the current generation of its plugin. */
  onCurrent(entry: RegistryEntry): void;
  /** Called once, when it has left the registry. */
  onRetired(entry: RegistryEntry): void;
}

/** One generation of a plugin in a registry. Its methods throw only PluginErrors. */
export class RegistryEntry {
  /** Declared but not registered: `tool forecast` … */
  missing: readonly string[] = [];
  /** Registered: `tool forecast` … */
  registered: readonly string[] = [];
  /** Runs the capabilities that it registers without a backend. */
  readonly #invoker: JsInvoker;
  /** Runs init and shutdown one at a time, so that the plugin gets each call once and in order. */
  readonly #queue = new SerialQueue();
  /** The plugin, with a lifecycle even if it brings none. */
  readonly #plugin: Plugin & { readonly lifecycle: Lifecycle };
  /** It has left the registry. */
  #isOver = false;
  /** Settles with its registration; never rejects. */
  #registration: Promise<unknown> = Promise.resolve();

  readonly generation: Generation;

  constructor(
    readonly plugin: Plugin,
    /** Of its generation. */
    number: number,
    private readonly options: EntryOptions,
    private readonly listener: EntryListener,
  ) {
    const { id, declared } = plugin;
    this.generation = { id, number, ...(declared && { declared }) };
    this.#invoker = new JsInvoker(id);
    this.#plugin = hasLifecycle(plugin) ? plugin : supervised(plugin);
  }

  get state(): PluginState {
    return this.#plugin.lifecycle.state;
  }

  /** Present if it failed. */
  get error(): PluginError | undefined {
    return this.#plugin.lifecycle.failure;
  }

  /** If it fails, all of its registrations are discarded. */
  async register(): Promise<void> {
    const registration = this.#register();
    this.#registration = registration.catch(() => undefined);
    await registration;
  }

  /** False if the plugin is not in the state `registered`. */
  init(): Promise<boolean> {
    return this.#queue.run(() => this.#init());
  }

  /** Waits for a running step first. False if registration failed or the plugin has already been shut down. */
  shutdown(): Promise<boolean> {
    return this.#queue.run(() => this.#shutdown());
  }

  /** What it has in memory, if it gives that to its next generation. A plugin that is not active has lost it. */
  async saveState(): Promise<Uint8Array | undefined> {
    return this.#queue.run(async () => (this.state === 'active' ? this.plugin.saveState?.() : undefined));
  }

  /** To be called before `init`. False if the plugin takes no state. */
  async restoreState(state: Uint8Array): Promise<boolean> {
    return this.#queue.run(async () => (await this.plugin.restoreState?.(state)) === true);
  }

  /** All calls by the host, and by other plugins, go to this generation from now on. It must have been initialized. */
  makeCurrent(): void {
    this.options.table.show(this.generation);
    this.listener.onCurrent(this);
  }

  /** Resolves when none of its invocations is open. */
  async whenIdle(): Promise<void> {
    await Promise.all([this.#invoker.whenIdle(), this.plugin.whenIdle?.()]);
  }

  async #init(): Promise<boolean> {
    if (!this.#plugin.lifecycle.allows('init')) return false;
    const { id } = this.plugin;
    const { configOf, dataDir, hostVersion, logger, table } = this.options;
    try {
      const { copy: config } = copyOfConfig(await configOf(this.plugin), id);
      await this.#plugin.init({ config, dataDir: await makeDataDir(dataDir, id), hostVersion, logger: pluginLogger(id, logger) });
    } catch (thrown) {
      const failure = stepFailure('init', thrown, id);
      this.#plugin.lifecycle.fail(failure); // the error may come from the configuration or the data folder, which the plugin does not know
      table.withdraw(this.generation);
      throw failure;
    }
    this.#invoker.open();
    this.makeCurrent();
    return true;
  }

  async #shutdown(): Promise<boolean> {
    await this.#registration;
    if (this.#isOver) return false;
    this.#invoker.close('shutting down');
    const { lifecycle } = this.#plugin;
    try {
      if (lifecycle.allows('shutdown')) await this.#plugin.shutdown();
      else await this.#plugin[Symbol.asyncDispose]();
    } catch (thrown) {
      throw stepFailure('shutdown', thrown, this.plugin.id);
    } finally {
      this.#retire();
    }
    return true;
  }

  async #register(): Promise<void> {
    const { plugin } = this;
    const { table, logger } = this.options;
    table.open(this.generation);
    try {
      await registerPlugin(this.#plugin, this.generation, table, this.#invoker, this.#callCapability);
    } catch (thrown) {
      this.#retire();
      throw stepFailure('register', thrown, plugin.id);
    }
    this.missing = table.missingOf(this.generation);
    this.registered = table.registeredBy(this.generation);
    if (this.missing.length > 0) {
      logger.warn(`declared, but not registered: ${this.missing.join(', ')}`, { pluginId: plugin.id });
    }
  }

  readonly #callCapability: PluginApi['callCapability'] = async (kind, name, method, input, options) => {
    const caller = this.plugin.id;
    if (!this.#plugin.lifecycle.mayCall) {
      const fields = { operation: 'callCapability', expected: 'initializing or active', found: this.state };
      throw new LifecycleError('ERR_LIFECYCLE_STATE', fields, { pluginId: caller });
    }
    const { table, permits, mayCall } = this.options;
    const may: MayCall = (...call) => permits(this.plugin, kind, name) && mayCall(...call);
    return callFromPlugin(table, may, { caller, kind, name, method, input, options });
  };

  #retire(): void {
    this.#isOver = true;
    this.#invoker.close('retired');
    this.options.table.withdraw(this.generation);
    this.listener.onRetired(this);
  }
}

/** A plugin that brings no lifecycle, with one. */
function supervised(plugin: Plugin): Plugin & { readonly lifecycle: Lifecycle } {
  const lifecycle = new Lifecycle('loaded');
  plugin.supervise?.((event, failure) => {
    if (lifecycle.allows(event)) lifecycle.happen(event, failure);
  });
  return withLifecycle(plugin, lifecycle);
}

/** A plain object may have a member `lifecycle` that is something else. */
const hasLifecycle = (plugin: Plugin): plugin is Plugin & { readonly lifecycle: Lifecycle } => plugin.lifecycle instanceof Lifecycle;
