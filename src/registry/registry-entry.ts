import { JsInvoker } from '../plugin/js/invoker.js';
import { LifecycleError, type PluginError } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { pluginLogger } from '../log/plugin-logger.js';
import { copyOfConfig } from '../plugin/config-copy.js';
import type { Plugin, PluginApi, PluginContext } from '../plugin/plugin.js';
import type { CapabilityTable } from './capability-table.js';
import { makeDataDir } from './data-dir.js';
import type { Generation } from './generation.js';
import { lifecycleFailure } from './lifecycle-failure.js';
import { callFromPlugin, type MayCall } from './plugin-call.js';
import { registerPlugin } from './register-plugin.js';
import { Turns } from './turns.js';

export type PluginState = 'registering' | 'registered' | 'initializing' | 'active' | 'stopping' | 'failed' | 'retired';

/** What every entry of one registry shares. */
export interface EntryOptions {
  readonly hostVersion: string;
  readonly dataDir: string;
  readonly configOf: (plugin: Plugin) => PluginContext['config'] | Promise<PluginContext['config']>;
  readonly mayCall: MayCall;
  readonly logger: Logger;
  readonly table: CapabilityTable;
}

export interface EntryListener {
  /** It is the present generation of its plugin from now on. */
  onPresent(entry: RegistryEntry): void;
  /** Called once, when it is over. */
  onRetired(entry: RegistryEntry): void;
}

/** While it is in one of these, a plugin may call others. */
const CALLING_STATES: readonly PluginState[] = ['initializing', 'active', 'stopping'];

/** The life of one generation of a plugin in a registry. Everything that its methods throw is a PluginError. */
export class RegistryEntry {
  /** What the plugin declares and did not register: `tool forecast` … */
  missing: readonly string[] = [];
  /** Why it failed, where it did. */
  error: PluginError | undefined;
  /** For what it registers without a backend of its own. */
  readonly #invoker: JsInvoker;
  /** init and shutdown take turns, so that the plugin sees its calls once and in order. */
  readonly #turns = new Turns();
  /** Settles with its registration; never rejects. */
  #registration: Promise<unknown> = Promise.resolve();
  #state: PluginState = 'registering';

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
  }

  get state(): PluginState {
    return this.#state;
  }

  /** A failure leaves nothing behind. */
  async register(): Promise<void> {
    const registration = this.#register();
    this.#registration = registration.catch(() => undefined);
    await registration;
  }

  /** False where there is nothing to initialise. */
  init(): Promise<boolean> {
    return this.#turns.take(() => this.#init());
  }

  /** Waits for what is under way. False where its registration failed, or it is over already. */
  shutdown(): Promise<boolean> {
    return this.#turns.take(() => this.#shutdown());
  }

  async #init(): Promise<boolean> {
    if (this.#state !== 'registered') return false;
    this.#state = 'initializing';
    const { plugin } = this;
    const { configOf, dataDir, hostVersion, logger, table } = this.options;
    try {
      const { copy: config } = copyOfConfig(await configOf(plugin), plugin.id);
      await plugin.init({ config, dataDir: await makeDataDir(dataDir, plugin.id), hostVersion, logger: pluginLogger(plugin.id, logger) });
    } catch (thrown) {
      this.#state = 'failed';
      table.withdraw(this.generation);
      throw (this.error = lifecycleFailure('ERR_INIT_FAILED', thrown, plugin.id));
    }
    this.#state = 'active';
    this.#invoker.open();
    table.show(this.generation);
    this.listener.onPresent(this);
    return true;
  }

  async #shutdown(): Promise<boolean> {
    await this.#registration;
    if (this.#state === 'retired') return false;
    const { plugin } = this;
    const hasFailed = this.#state === 'failed';
    this.#state = 'stopping';
    this.#invoker.close('shutting down');
    try {
      if (hasFailed) await plugin[Symbol.asyncDispose]();
      else await plugin.shutdown();
    } catch (thrown) {
      throw (this.error = lifecycleFailure('ERR_SHUTDOWN_FAILED', thrown, plugin.id));
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
      await registerPlugin(plugin, this.generation, table, this.#invoker, this.#callCapability);
    } catch (thrown) {
      this.#retire();
      throw lifecycleFailure('ERR_REGISTER_FAILED', thrown, plugin.id);
    }
    this.missing = table.missingOf(this.generation);
    if (this.missing.length > 0) {
      logger.warn(`declared, but not registered: ${this.missing.join(', ')}`, { pluginId: plugin.id });
    }
    this.#state = 'registered';
  }

  readonly #callCapability: PluginApi['callCapability'] = async (kind, name, method, input, options) => {
    const caller = this.plugin.id;
    if (!CALLING_STATES.includes(this.#state)) {
      const fields = { operation: 'callCapability', expected: 'initializing or active', found: this.#state };
      throw new LifecycleError('ERR_LIFECYCLE_STATE', fields, { pluginId: caller });
    }
    const { table, mayCall } = this.options;
    return callFromPlugin(table, mayCall, { caller, kind, name, method, input, options });
  };

  #retire(): void {
    this.#state = 'retired';
    this.#invoker.close('retired');
    this.options.table.withdraw(this.generation);
    this.listener.onRetired(this);
  }
}
