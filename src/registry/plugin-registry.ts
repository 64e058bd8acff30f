import { CAPABILITY_KINDS, type CapabilityKind } from '../abi/constants.js';
import type { CapabilityHandles, UniqueKind } from '../capability/kinds/index.js';
import { LifecycleError, messageOf } from '../errors/index.js';
import { guardedLogger } from '../log/guarded-logger.js';
import { silentLogger } from '../log/logger.js';
import { plainLine } from '../log/plain-line.js';
import { HOOK_NAMES, type HookName } from '../manifest/index.js';
import { inHome } from '../options/folders.js';
import { requireKnown } from '../options/require-known.js';
import { requireText } from '../options/require-text.js';
import { requirePlugin } from '../plugin/plugin-option.js';
import type { Plugin } from '../plugin/plugin.js';
import { CapabilityTable } from './capability-table.js';
import { Generations, notReplaceable } from './generations.js';
import { dispatchHook, failClosedOf, readDispatchOptions, type DispatchOptions, type FailClosed, type HookResult } from './hook-dispatch.js';
import { requireHookData } from './hook-data.js';
import { DEFAULT_MAY_CALL } from './plugin-call.js';
import { endInOrder } from './in-order.js';
import { outcomeOf, stepOutcome, type Outcome, type StepOutcome } from './outcome.js';
import type { EntryOptions } from './registry-entry.js';
import { registeredPlugin, type RegisteredPlugin } from './registered-plugin.js';
import type { Replacement } from './replacement.js';
import { readRegistryOptions, type PluginRegistryOptions } from './registry-options.js';
import { DEFAULT_RESERVED_COMMANDS } from './reserved-commands.js';
import { SerialQueue } from './serial-queue.js';
import { tracedDispatch } from './traced-dispatch.js';

/** Runs the lifecycle steps of plugins and holds their capabilities. Its methods may be called concurrently. */
export class PluginRegistry implements AsyncDisposable {
  readonly #generations: Generations;
  readonly #capabilities: CapabilityTable;
  readonly #entryOptions: EntryOptions;
  readonly #failClosed: FailClosed;
  /** Operations on several plugins run one at a time. */
  readonly #queue = new SerialQueue();

  /** @throws LoadError ERR_OPTIONS */
  constructor(given: PluginRegistryOptions) {
    const options = readRegistryOptions(given);
    const { authorize = () => false, reservedCommands = DEFAULT_RESERVED_COMMANDS } = options;
    this.#capabilities = new CapabilityTable({ authorize, reservedCommands });
    this.#failClosed = failClosedOf(options.failClosed);
    this.#entryOptions = {
      hostVersion: options.hostVersion,
      dataDir: options.dataDir ?? inHome('dataDir', '.aisopod', 'data'),
      configOf: options.configOf ?? (() => ({})),
      mayCall: options.mayCall ?? DEFAULT_MAY_CALL,
      permits: options.permits ?? (() => true),
      logger: guardedLogger(options.logger ?? silentLogger),
      table: this.#capabilities,
    };
    this.#generations = new Generations(this.#entryOptions);
  }

  /**
   * Runs the plugin's `register`. If that fails, all of its registrations are discarded.
   * @throws LoadError ERR_OPTIONS if it is not a plugin; LifecycleError ERR_DUPLICATE_PLUGIN, or why its registration failed
   */
  async register(plugin: Plugin): Promise<void> {
    requirePlugin(plugin);
    const winner = this.#generations.current(plugin.id);
    if (winner !== undefined) {
      const fields = { winner: `${winner.plugin.meta.name} ${winner.plugin.meta.version}, ${winner.state}` };
      throw new LifecycleError('ERR_DUPLICATE_PLUGIN', fields, { pluginId: plugin.id });
    }
    await this.#generations.add(plugin).register();
  }

  /**
   * Starts `plugin` as the next generation of the active plugin with its id. Then all calls go to the new one, also those
   * through existing handles, and the old one is shut down. If the new one does not start, the old one stays active.
   * @throws LifecycleError ERR_LIFECYCLE_STATE if the old one is not active, or why the new one did not start
   * @internal
   */
  async replace(plugin: Plugin): Promise<void> {
    requirePlugin(plugin);
    const { id } = plugin;
    await this.#queue.run(async () => {
      const state = this.#generations.current(id)?.state ?? 'not registered';
      if (state !== 'active') throw notReplaceable(id, state);
      const replacement = await this.#generations.registerNext(plugin);
      try {
        await replacement.start();
      } catch (error) {
        await replacement.discard();
        throw error;
      }
      await replacement.endPrevious().catch((error: unknown) => this.#entryOptions.logger.error(plainLine(messageOf(error)), { pluginId: id }));
    });
  }

  /**
   * Registers `plugin` as the next generation of the plugin with its id, beside the current one, which need not be active.
   * Start it or discard it, and end the previous one. @throws LifecycleError @internal
   */
  registerNext(plugin: Plugin): Promise<Replacement> {
    requirePlugin(plugin);
    return this.#queue.run(() => this.#generations.registerNext(plugin));
  }

  get(id: string): Plugin | undefined {
    return this.#generations.current(id)?.plugin;
  }

  /** The state of one plugin. */
  stateOf(id: string): RegisteredPlugin | undefined {
    const entry = this.#generations.current(id);
    return entry && registeredPlugin(entry);
  }

  /** Every plugin, in the order of registration. */
  list(): readonly Plugin[] {
    return this.#generations.all.map((entry) => entry.plugin);
  }

  /** The capabilities of one kind of all active plugins, in the order of registration. */
  capabilities<K extends CapabilityKind>(kind: K): readonly CapabilityHandles[K][] {
    requireKnown('kind', kind, CAPABILITY_KINDS);
    return this.#capabilities.list(kind);
  }

  /** The capability with this name, if its plugin is active; the same object each time. Hooks may have several handlers: see `dispatch`. */
  find<K extends UniqueKind>(kind: K, name: string): CapabilityHandles[K] | undefined {
    requireKnown('kind', kind, CAPABILITY_KINDS);
    requireText('name', name);
    return this.#capabilities.find(kind, name);
  }

  tool(name: string): CapabilityHandles['tool'] | undefined {
    return this.find('tool', name);
  }

  /**
   * Runs every handler of a hook, one at a time: higher priorities first, then in plugin order. If a handler fails, the result
   * says so, and the others still run, unless it is to fail closed: then that is a veto. A handler of a `Before…` hook may
   * change the data or veto; after a veto no other handler runs.
   * `data` fits the schema of the hook in schemas/; it may have more members.
   * @throws InvocationError ERR_INVOCATION_CANCELLED when the signal fires, ERR_INVALID_PARAMETERS if `data` does not fit or is not JSON;
   * LoadError ERR_OPTIONS for an unknown hook
   */
  async dispatch(hook: HookName, data: unknown, given?: DispatchOptions): Promise<HookResult> {
    requireKnown('hook', hook, HOOK_NAMES);
    requireHookData(hook, data);
    const handlers = this.capabilities('hook').filter(({ name }) => name === hook);
    const options = given === undefined ? undefined : readDispatchOptions(given);
    return tracedDispatch(hook, data, options?.context, () => dispatchHook(handlers, data, options, this.#failClosed));
  }

  /**
   * Refuses all further invocations by the host, permanently, with ERR_PLUGIN_CLOSED. Plugins can still call each other, so
   * that a plugin can use others while it shuts down.
   */
  refuseInvocations(): void {
    this.#capabilities.refuseHost();
  }

  /** Runs `init` of every registered plugin, in order. If one fails, the others continue. */
  initAll(): Promise<Outcome> {
    return this.#queue.run(async () => {
      const steps: StepOutcome[] = [];
      for (const entry of this.#generations.all) steps.push(await stepOutcome(entry.plugin, entry.init(), this.#entryOptions.logger));
      return outcomeOf(steps);
    });
  }

  /** Runs `init` of one registered plugin. @throws LifecycleError */
  init(id: string): Promise<void> {
    return this.#queue.run(async () => void (await this.#generations.current(id)?.init()));
  }

  /**
   * Runs `shutdown` of every plugin in reverse order, because later plugins may use earlier ones. Each shutdown starts when the
   * previous one has ended or has taken a second. Open invocations are cancelled and new ones refused. Afterwards no plugin
   * is registered.
   */
  shutdownAll(): Promise<Outcome> {
    return this.#queue.run(async () => {
      const steps = await endInOrder([...this.#generations.all].reverse(), async (entry) => {
        const shutdown = stepOutcome(entry.plugin, entry.shutdown(), this.#entryOptions.logger);
        await this.#generations.endOthers(entry.plugin.id);
        return shutdown;
      });
      return outcomeOf(steps);
    });
  }

  /** Shuts down every generation of one plugin. @throws LifecycleError */
  async shutdown(id: string): Promise<void> {
    const ending = this.#generations.endOthers(id);
    try {
      await this.#generations.current(id)?.shutdown();
    } finally {
      await ending;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdownAll();
  }
}
