import { CAPABILITY_KINDS, type CapabilityKind } from '../abi/constants.js';
import type { Authorize } from '../capability/kind.js';
import type { CapabilityHandles, UniqueKind } from '../capability/kinds/index.js';
import { LifecycleError, messageOf, type PluginError } from '../errors/index.js';
import { guardedLogger } from '../log/guarded-logger.js';
import { silentLogger, type Logger } from '../log/logger.js';
import { plainLine } from '../log/plain-line.js';
import { HOOK_NAMES, type HookName } from '../manifest/index.js';
import { inHome } from '../options/folders.js';
import { requireKnown } from '../options/require-known.js';
import { requireText } from '../options/require-text.js';
import type { PluginState } from '../plugin/lifecycle-table.js';
import { requirePlugin } from '../plugin/plugin-option.js';
import type { Plugin } from '../plugin/plugin.js';
import { CapabilityTable } from './capability-table.js';
import { Generations } from './generations.js';
import { dispatchHook, type DispatchOptions, type HookResult } from './hook-dispatch.js';
import { DEFAULT_MAY_CALL, type MayCall } from './plugin-call.js';
import { endInOrder } from './in-order.js';
import { OutcomeSoFar, type Outcome } from './outcome.js';
import type { EntryOptions } from './registry-entry.js';
import { readRegistryOptions } from './registry-options.js';
import { DEFAULT_RESERVED_COMMANDS } from './reserved-commands.js';
import { SerialQueue } from './serial-queue.js';

export interface PluginRegistryOptions {
  /** Given to each plugin's `init`. */
  readonly hostVersion: string;
  /** Folder of the plugins' data folders, one each by id, made before `init`, mode 0700. Default `~/.aisopod/data`. */
  readonly dataDir?: string;
  /** A plugin's configuration. Default: an empty object. */
  readonly configOf?: EntryOptions['configOf'];
  /** Whether `caller` may call this tool, channel or provider. Default: tools and providers, yes. */
  readonly mayCall?: MayCall;
  /** Asked before each run of a command that requires authorization. Default: no. */
  readonly authorize?: Authorize;
  /** Names of the host's own commands, which no plugin may take. Default: `help`, `version`, `start` and the like. */
  readonly reservedCommands?: readonly string[];
  readonly logger?: Logger;
}

/** One registered plugin as it stands. */
export interface RegisteredPlugin {
  readonly plugin: Plugin;
  /** Counts the registrations of its id, from 1. */
  readonly generation: number;
  readonly state: PluginState;
  /** Why it failed, where it did. */
  readonly error?: PluginError;
  /** What it declares and did not register: `tool forecast` … */
  readonly missing: readonly string[];
}

/** Drives the life of plugins, wherever they live, and knows what they offer. Its methods may be called concurrently. */
export class PluginRegistry implements AsyncDisposable {
  readonly #generations: Generations;
  readonly #capabilities: CapabilityTable;
  readonly #entryOptions: EntryOptions;
  /** What is done to all plugins takes turns. */
  readonly #queue = new SerialQueue();

  /** @throws LoadError ERR_OPTIONS */
  constructor(given: PluginRegistryOptions) {
    const options = readRegistryOptions(given);
    const { authorize = () => false, reservedCommands = DEFAULT_RESERVED_COMMANDS } = options;
    this.#capabilities = new CapabilityTable({ authorize, reservedCommands });
    this.#entryOptions = {
      hostVersion: options.hostVersion,
      dataDir: options.dataDir ?? inHome('dataDir', '.aisopod', 'data'),
      configOf: options.configOf ?? (() => ({})),
      mayCall: options.mayCall ?? DEFAULT_MAY_CALL,
      logger: guardedLogger(options.logger ?? silentLogger),
      table: this.#capabilities,
    };
    this.#generations = new Generations(this.#entryOptions);
  }

  /**
   * Runs the plugin's `register`. A failure leaves nothing of it behind.
   * @throws LoadError ERR_OPTIONS if it is not a plugin; LifecycleError ERR_DUPLICATE_PLUGIN, or why its registration failed
   */
  async register(plugin: Plugin): Promise<void> {
    requirePlugin(plugin);
    const winner = this.#generations.present(plugin.id);
    if (winner !== undefined) {
      const fields = { winner: `${winner.plugin.meta.name} ${winner.plugin.meta.version}, ${winner.state}` };
      throw new LifecycleError('ERR_DUPLICATE_PLUGIN', fields, { pluginId: plugin.id });
    }
    await this.#generations.add(plugin).register();
  }

  /**
   * Brings up `plugin` beside the active plugin of its id, as its next generation. Then calls go to the new one, those
   * through handles that the host has too, and the old one is shut down. A failure before that leaves the old one as it is.
   * @throws LifecycleError ERR_LIFECYCLE_STATE if the old one is not active, or why the new one could not be brought up
   * @internal
   */
  async replace(plugin: Plugin): Promise<void> {
    requirePlugin(plugin);
    const { id } = plugin;
    await this.#queue.run(async () => {
      const old = this.#generations.present(id);
      requireActive(id, old?.state ?? 'not registered');
      const next = this.#generations.add(plugin);
      await next.register();
      try {
        if (!(await next.init())) requireActive(id, next.state);
      } catch (error) {
        await next.shutdown().catch(() => undefined);
        throw error;
      }
      await old?.shutdown().catch((error: unknown) => this.#entryOptions.logger.error(plainLine(messageOf(error)), { pluginId: id }));
    });
  }

  get(id: string): Plugin | undefined {
    return this.#generations.present(id)?.plugin;
  }

  /** State, error and what is missing of one plugin. */
  stateOf(id: string): RegisteredPlugin | undefined {
    const entry = this.#generations.present(id);
    if (entry === undefined) return undefined;
    const { plugin, generation, state, error, missing } = entry;
    return { plugin, generation: generation.number, state, missing, ...(error && { error }) };
  }

  /** Every plugin, in the order of registration. */
  list(): readonly Plugin[] {
    return this.#generations.all.map((entry) => entry.plugin);
  }

  /** What active plugins offer of one kind, in the order of registration. */
  capabilities<K extends CapabilityKind>(kind: K): readonly CapabilityHandles[K][] {
    requireKnown('kind', kind, CAPABILITY_KINDS);
    return this.#capabilities.list(kind);
  }

  /** The capability of this name, where its plugin is active: the same object each time. Hooks have many handlers: see `dispatch`. */
  find<K extends UniqueKind>(kind: K, name: string): CapabilityHandles[K] | undefined {
    requireKnown('kind', kind, CAPABILITY_KINDS);
    requireText('name', name);
    return this.#capabilities.find(kind, name);
  }

  tool(name: string): CapabilityHandles['tool'] | undefined {
    return this.find('tool', name);
  }

  /**
   * Runs every handler of a hook, one after the other, in plugin order; `data` is anything that JSON can hold. One that
   * fails is recorded in the result, and the others run. A `Before…` hook may change the data, or veto: then the
   * handlers after it do not run.
   * @throws InvocationError ERR_INVOCATION_CANCELLED when the signal fires, ERR_INVALID_PARAMETERS for other data;
   * LoadError ERR_OPTIONS for an unknown hook
   */
  async dispatch(hook: HookName, data: unknown, options?: DispatchOptions): Promise<HookResult> {
    requireKnown('hook', hook, HOOK_NAMES);
    return dispatchHook(this.capabilities('hook').filter(({ name }) => name === hook), data, options);
  }

  /**
   * From here every invocation of the host's is refused with ERR_PLUGIN_CLOSED, for good. For a host that closes: plugins
   * that are shut down late are still there for those that are shut down before them.
   */
  refuseInvocations(): void {
    this.#capabilities.refuseHost();
  }

  /** Runs `init` of every registered plugin, in order. A failure is that plugin's alone. */
  initAll(): Promise<Outcome> {
    return this.#queue.run(async () => {
      const outcome = new OutcomeSoFar(this.#entryOptions.logger);
      for (const entry of this.#generations.all) await outcome.add(entry.plugin, entry.init());
      return outcome;
    });
  }

  /** Runs `init` of one registered plugin. @throws LifecycleError */
  init(id: string): Promise<void> {
    return this.#queue.run(async () => void (await this.#generations.present(id)?.init()));
  }

  /**
   * Runs `shutdown` of every plugin, in reverse order, all of them; first those that use the others. The next one begins
   * when the one before has ended, or has taken a second. What is open is cancelled, what comes is refused. Afterwards none
   * of them is registered.
   */
  shutdownAll(): Promise<Outcome> {
    return this.#queue.run(async () => {
      const outcome = new OutcomeSoFar(this.#entryOptions.logger);
      await endInOrder([...this.#generations.all].reverse(), (entry) => outcome.add(entry.plugin, entry.shutdown()));
      return outcome;
    });
  }

  /** Shuts one plugin down, every generation of it. @throws LifecycleError */
  async shutdown(id: string): Promise<void> {
    const [present, ...others] = this.#generations.of(id);
    const ending = others.map((other) => other.shutdown().catch(() => undefined)); // the caller of replace is told
    try {
      await present?.shutdown();
    } finally {
      await Promise.all(ending);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdownAll();
  }
}

function requireActive(pluginId: string, state: string): void {
  if (state === 'active') return;
  throw new LifecycleError('ERR_LIFECYCLE_STATE', { operation: 'replace', expected: 'active', found: state }, { pluginId });
}
