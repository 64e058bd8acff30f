import { PluginError, inPlugin } from '../../errors/index.js';
import { examine } from '../../loader/examine.js';
import type { LoadRequest } from '../../loader/load-plugin.js';
import { guardedLogger } from '../../log/guarded-logger.js';
import { leaveAtExit, stopAtExit, watchExit } from '../../native/exit.js';
import { keepAlive } from '../../options/keep-alive.js';
import type { Lifecycle } from '../../plugin/lifecycle.js';
import type { LifecycleStep, PluginState } from '../../plugin/lifecycle-table.js';
import type { DeclaredCapabilities, Plugin, PluginApi, PluginContext, PluginMeta } from '../../plugin/plugin.js';
import type { PluginEvent, PluginTransport } from '../../report/plugin-report.js';
import type { ResourceLimits } from '../../report/resource-limits.js';
import { Trace } from '../../report/trace.js';
import { PluginFiles, type Candidate } from '../../scan/index.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import type { ChildSession } from './child-session.js';
import { makeParts, type PluginParts } from './plugin-parts.js';
import { PluginRestart } from './plugin-restart.js';
import type { ProcessSettings } from './process-settings.js';

/** A plugin in a child process. The host uses it like a plugin in this process. */
export class IsolatedPlugin implements Plugin {
  readonly id: string;
  readonly meta: PluginMeta;
  readonly declared: DeclaredCapabilities;
  /** @internal */
  readonly lifecycle: Lifecycle;
  readonly #parts: PluginParts;
  readonly #restart: PluginRestart;
  /** Its shutdown, or its cleanup after a failure, once that has begun. */
  #ending: Promise<void> | undefined;

  /** @internal */
  constructor(candidate: Candidate, settings: ProcessSettings, waitForDebugger: boolean, request: LoadRequest) {
    const { id, manifest } = candidate;
    const { name, version, description, author } = manifest.plugin;
    this.id = id;
    this.meta = { name, version, description, author };
    this.declared = manifest.capabilities;
    this.#parts = makeParts(candidate, settings, waitForDebugger, request);
    this.lifecycle = this.#parts.lifecycle;
    this.#restart = new PluginRestart(this.#parts, () => this.#leave('failed'));
  }

  get state(): PluginState {
    return this.lifecycle.state;
  }

  get failure(): PluginError | undefined {
    return this.lifecycle.failure;
  }

  /** The id of its current process. */
  get pid(): number | undefined {
    return this.#parts.inChild.session?.child.pid;
  }

  /** How calls reach its current process. */
  get transport(): PluginTransport | undefined {
    return this.#parts.inChild.session?.child.transport;
  }

  /** The limits of its process. */
  get limits(): ResourceLimits | undefined {
    return this.#parts.inChild.limits;
  }

  /** How often its process was restarted. */
  get restarts(): number {
    return this.#parts.inChild.restarts;
  }

  get events(): readonly PluginEvent[] {
    return this.#parts.record.events;
  }

  /** Loads the plugin in the supervisor's process. @throws LoadError, LifecycleError ERR_LIFECYCLE_CRASHED @internal */
  async load(supervisor: Supervisor<ChildSession>): Promise<void> {
    const { candidate, settings, request, gate, inChild, history } = this.#parts;
    const { trace = new Trace(), beforeOpen } = request;
    const load = async (): Promise<void> => {
      history.files = new PluginFiles(candidate);
      const facts = await examine(candidate, settings, trace);
      await beforeOpen?.(facts);
      const own = await inChild.copy(supervisor, facts, trace, request.ownCopy);
      await gate.run(async () => {
        const session = await trace.check('open', 'starting its process', () => inChild.join(supervisor, this.#restart, request.sandbox?.child()));
        await inChild.load(session, own, trace, request);
      });
    };
    const fail = (error: unknown): never => {
      // A child cannot report the step that ended it.
      const step = error instanceof PluginError ? error.step : 'open';
      if (trace.entries.at(-1)?.decision !== 'refused') trace.refuse(step, 'loading it in its process', error);
      throw inPlugin(error, this.id);
    };
    const release = keepAlive();
    try {
      await this.#run('load', () => load().catch(fail));
    } finally {
      release();
    }
  }

  whenIdle(): Promise<void> {
    return this.#parts.invoker.whenIdle();
  }

  async register(api: Pick<PluginApi, 'registerCapability' | 'callCapability' | 'namesTaken'>): Promise<void> {
    const { gate, rpc, invoker, inChild, messages, history } = this.#parts;
    await this.#run('register', async () => {
      messages.api = api;
      history.namesTaken = api.namesTaken;
      history.registered = await gate.run(() => rpc.register(inChild.session, history.namesTaken()));
      // The child has made the same checks, but the host does not trust it.
      const sharesMemory = inChild.session?.child.calls?.transport === 'shared memory';
      await rpc.registerHere(history.registered, (capability) => api.registerCapability(capability, invoker.backendOf(capability, sharesMemory)));
    });
  }

  async init(context: PluginContext): Promise<void> {
    const { gate, rpc, inChild, messages, history } = this.#parts;
    await this.#run('init', async () => {
      history.context = context;
      messages.logger = guardedLogger(context.logger);
      await gate.run(() => rpc.init(inChild.session, context));
      history.state = undefined;
    });
    inChild.acceptInvocations();
    watchExit();
    stopAtExit(this);
  }

  /** Waits for a restart in progress. Later restarts use the new configuration. */
  async reconfigure(config: PluginContext['config']): Promise<void> {
    const { gate, rpc, inChild, history } = this.#parts;
    await gate.wait();
    await this.#run('reconfigure', () => rpc.reconfigure(inChild.session, config));
    if (history.context !== undefined) history.context = { ...history.context, config };
  }

  async saveState(): Promise<Uint8Array | undefined> {
    const { rpc, inChild } = this.#parts;
    return this.#run('save', () => rpc.save(inChild.session));
  }

  async restoreState(state: Uint8Array): Promise<boolean> {
    const { gate, rpc, inChild, history } = this.#parts;
    return this.#run('restore', async () => {
      history.state = state;
      return gate.run(() => rpc.restore(inChild.session, state));
    });
  }

  /** Rule 10. At the deadline its process is killed. */
  async shutdown(): Promise<void> {
    const shutdown = this.#run('shutdown', () => this.#shutdown());
    await (this.#ending = shutdown.then(() => this.#leave('retired')));
  }

  /** Waits for a shutdown in progress. If that fails, its own caller gets the error. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.lifecycle.allows('shutdown')) await this.shutdown();
    else if (this.lifecycle.state === 'failed') await (this.#ending ??= this.#leave('failed')).catch(() => undefined);
    else await this.#ending?.catch(() => undefined);
  }

  async #shutdown(): Promise<void> {
    const { gate, invoker, inChild } = this.#parts;
    invoker.close('shutting down');
    invoker.use(undefined);
    // A restart in progress ends with the plugin's own process. In a shared process it must finish first.
    if (inChild.isShared) await gate.restart;
    if (inChild.session !== undefined && gate.restart === undefined) await inChild.shutdown();
  }

  #run<T>(step: LifecycleStep, run: () => Promise<T>): Promise<T> {
    const where = { pluginId: this.id, path: this.#parts.candidate.path };
    return this.lifecycle.run(step, where, run, () => this.#leave('failed'));
  }

  async #leave(state: 'retired' | 'failed'): Promise<void> {
    const { gate, invoker, inChild } = this.#parts;
    gate.open();
    invoker.close(state);
    invoker.use(undefined);
    leaveAtExit(this);
    await inChild.leave();
  }
}
