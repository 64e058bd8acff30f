import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CapabilityKind } from '../abi/constants.js';
import { labelOf, type InvokeOptions } from '../capability/backend.js';
import type { Faces } from '../capability/faces.js';
import { InvocationError, LifecycleError, LoadError, messageOf, type PluginError } from '../errors/index.js';
import { silentLogger, type Logger } from '../log/logger.js';
import type { Plugin, PluginApi, PluginContext } from '../plugin/plugin.js';
import { expandHome } from '../scan/index.js';
import { CapabilityTable } from './capability-table.js';
import { Turns } from './turns.js';

export interface PluginRegistryOptions {
  /** Given to each plugin's `init`. */
  readonly hostVersion: string;
  /** Folder of the plugins' data folders, one each by id, made before `init`, mode 0700. Default `~/.aisopod/data`. */
  readonly dataDir?: string;
  /** A plugin's configuration. Default: an empty object. */
  readonly configOf?: (plugin: Plugin) => PluginContext['config'] | Promise<PluginContext['config']>;
  /** Whether `caller` may call this capability of another plugin's. Default: tools and providers, yes. */
  readonly mayCall?: (caller: string, kind: CapabilityKind, name: string) => boolean;
  readonly logger?: Logger;
}

export type PluginState = 'registering' | 'registered' | 'initializing' | 'active' | 'stopping' | 'failed';

/** One registered plugin as it stands. */
export interface RegisteredPlugin {
  readonly plugin: Plugin;
  readonly state: PluginState;
  /** Why it failed, where it did. */
  readonly error?: PluginError | Error;
  /** What it declares and did not register: `tool forecast` … */
  readonly missing: readonly string[];
}

/** What `initAll` and `shutdownAll` did, in the order they went. */
export interface Outcome {
  readonly done: readonly Plugin[];
  readonly failed: readonly { readonly plugin: Plugin; readonly error: Error }[];
}

interface Entry {
  readonly plugin: Plugin;
  state: PluginState;
  error?: Error;
  missing: readonly string[];
}

/** Drives the life of plugins, wherever they live, and knows what they offer. Its methods may be called concurrently. */
export class PluginRegistry implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>();
  readonly #capabilities = new CapabilityTable();
  readonly #logger: Logger;
  /** init and shutdown take turns, so that each plugin sees its calls once and in order. */
  readonly #turns = new Turns();

  constructor(private readonly options: PluginRegistryOptions) {
    this.#logger = options.logger ?? silentLogger;
  }

  /**
   * Runs the plugin's `register`. A failure leaves nothing of it behind.
   * @throws LifecycleError ERR_DUPLICATE_PLUGIN, or why its registration failed
   */
  async register(plugin: Plugin): Promise<void> {
    const winner = this.#entries.get(plugin.id);
    if (winner !== undefined) {
      const fields = { winner: `${winner.plugin.meta.name} ${winner.plugin.meta.version}, ${winner.state}` };
      throw new LifecycleError('ERR_DUPLICATE_PLUGIN', fields, { pluginId: plugin.id });
    }
    const entry: Entry = { plugin, state: 'registering', missing: [] };
    this.#entries.set(plugin.id, entry);
    try {
      await this.#runRegister(entry);
    } catch (error) {
      this.#capabilities.withdraw(plugin.id);
      this.#entries.delete(plugin.id);
      throw error;
    }
    entry.missing = this.#capabilities.missingOf(plugin);
    if (entry.missing.length > 0) {
      this.#logger.warn(`declared, but not registered: ${entry.missing.join(', ')}`, { pluginId: plugin.id });
    }
    entry.state = 'registered';
  }

  async #runRegister({ plugin }: Entry): Promise<void> {
    let isOpen = true;
    let refusal: unknown;
    const api: PluginApi = {
      registerCapability: (descriptor, backend) => {
        if (!isOpen) {
          throw new LifecycleError('ERR_REGISTRATION_CLOSED', { capability: labelOf(descriptor) }, { pluginId: plugin.id });
        }
        try {
          this.#capabilities.reserve(plugin, descriptor, backend);
        } catch (error) {
          refusal ??= error;
          throw error;
        }
      },
      callCapability: (kind, name, method, input, options) => this.#call(plugin.id, kind, name, method, input, options),
    };
    try {
      await plugin.register(api);
    } finally {
      isOpen = false;
    }
    if (refusal !== undefined) throw refusal as LifecycleError;
  }

  /** One plugin calls a capability of another's. */
  async #call(caller: string, kind: CapabilityKind, name: string, method: string, input: string, options: InvokeOptions) {
    const capability = labelOf({ kind, name });
    const mayCall = this.options.mayCall ?? ((_caller, wanted) => wanted === 'tool' || wanted === 'provider');
    if (!mayCall(caller, kind, name)) throw new InvocationError('ERR_CALL_DENIED', { capability, caller });
    const backend = this.#capabilities.backendOf(kind, name);
    if (backend === undefined) throw new InvocationError('ERR_CAPABILITY_NOT_FOUND', { capability });
    return backend.invoke(method, input, options);
  }

  get(id: string): Plugin | undefined {
    return this.#entries.get(id)?.plugin;
  }

  /** State, error and what is missing of one plugin. */
  stateOf(id: string): RegisteredPlugin | undefined {
    const entry = this.#entries.get(id);
    return entry && { ...entry };
  }

  /** In the order of registration. */
  list(): readonly Plugin[] {
    return [...this.#entries.values()].map((entry) => entry.plugin);
  }

  /** What plugins offer of one kind, in the order of registration. */
  capabilities<K extends CapabilityKind>(kind: K): readonly Faces[K][] {
    return this.#capabilities.list(kind);
  }

  tool(name: string): Faces['tool'] | undefined {
    return this.#capabilities.find('tool', name);
  }

  get tools(): readonly Faces['tool'][] {
    return this.#capabilities.list('tool');
  }

  /** Runs `init` of every registered plugin, in order. A failure is that plugin's alone. */
  initAll(): Promise<Outcome> {
    return this.#turns.take(() => this.#runAll([...this.#entries.values()], (entry) => this.#init(entry)));
  }

  /** Runs `shutdown` of every plugin, in reverse order, all of them. Afterwards none of them is registered. */
  shutdownAll(): Promise<Outcome> {
    return this.#turns.take(() => this.#runAll([...this.#entries.values()].reverse(), (entry) => this.#shutdown(entry)));
  }

  /** Shuts one plugin down. @throws LifecycleError */
  async shutdown(id: string): Promise<void> {
    await this.#runOne(id, (entry) => this.#shutdown(entry));
  }

  /** Runs `init` of one registered plugin. @throws LifecycleError */
  async init(id: string): Promise<void> {
    await this.#runOne(id, (entry) => this.#init(entry));
  }

  async #runOne(id: string, run: (entry: Entry) => Promise<boolean>): Promise<void> {
    const outcome = await this.#turns.take(() => {
      const entry = this.#entries.get(id);
      return this.#runAll(entry === undefined ? [] : [entry], run);
    });
    const failure = outcome.failed[0];
    if (failure !== undefined) throw failure.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdownAll();
  }

  async #runAll(entries: readonly Entry[], run: (entry: Entry) => Promise<boolean>): Promise<Outcome> {
    const done: Plugin[] = [];
    const failed: { plugin: Plugin; error: Error }[] = [];
    for (const entry of entries) {
      const { plugin } = entry;
      try {
        if (await run(entry)) done.push(plugin);
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown));
        entry.error = error;
        failed.push({ plugin, error });
        this.#logger.error(error.message, { pluginId: plugin.id });
      }
    }
    return { done, failed };
  }

  async #init(entry: Entry): Promise<boolean> {
    if (entry.state !== 'registered') return false;
    entry.state = 'initializing';
    const { plugin } = entry;
    try {
      await plugin.init({
        config: (await this.options.configOf?.(plugin)) ?? {},
        dataDir: await this.#dataDir(plugin.id),
        hostVersion: this.options.hostVersion,
        logger: this.#logger,
      });
    } catch (error) {
      entry.state = 'failed';
      this.#capabilities.withdraw(plugin.id);
      throw error;
    }
    entry.state = 'active';
    this.#capabilities.offer(plugin.id);
    return true;
  }

  async #dataDir(id: string): Promise<string> {
    const path = join(expandHome(this.options.dataDir ?? '~/.aisopod/data'), id);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      const fields = { operation: "make the plugin's data folder", reason: messageOf(cause) };
      throw new LoadError('ERR_IO', fields, { pluginId: id, path, step: 'init', cause });
    }
    return path;
  }

  async #shutdown(entry: Entry): Promise<boolean> {
    if (entry.state === 'registering') return false;
    const wasFailed = entry.state === 'failed';
    entry.state = 'stopping';
    try {
      if (wasFailed) await entry.plugin[Symbol.asyncDispose]();
      else await entry.plugin.shutdown();
    } finally {
      this.#capabilities.withdraw(entry.plugin.id);
      this.#entries.delete(entry.plugin.id);
    }
    return true;
  }
}
