import { isDeepStrictEqual } from 'node:util';
import { MACHINE_HINTS, PluginError, inPlugin, messageOf, type ErrorContext, type Step } from '../../errors/index.js';
import { guardedLogger } from '../../log/guarded-logger.js';
import { examine } from '../../loader/examine.js';
import type { LoadRequest } from '../../loader/load-plugin.js';
import type { Claim } from '../../loader/opened-libraries.js';
import type { FitLibrary } from '../../loader/open-plugin.js';
import { placeLibrary } from '../../loader/place-library.js';
import { leaveAtExit, stopAtExit, watchExit } from '../../native/exit.js';
import { keepAlive } from '../../options/keep-alive.js';
import { PluginRecord } from '../../report/plugin-record.js';
import { Lifecycle } from '../../plugin/lifecycle.js';
import { isLifecycleStep, stepRow, type LifecycleStep, type PluginState } from '../../plugin/lifecycle-table.js';
import { stepCrashed, stepFailed } from '../../plugin/step-errors.js';
import type { BackendApi, DeclaredCapabilities, Plugin, PluginApi, PluginContext, PluginMeta } from '../../plugin/plugin.js';
import type { PluginEvent } from '../../report/plugin-report.js';
import { Trace } from '../../report/trace.js';
import { PluginFiles, type Candidate } from '../../scan/index.js';
import type { Triage } from '../../triage/index.js';
import { childEnvironment } from '../supervisor/environment.js';
import type { ChildEnd } from '../supervisor/child-end.js';
import type { ChildSession } from './child-session.js';
import { isShortage } from '../../machine/is-shortage.js';
import type { SupervisedPlugin, Supervisor } from '../supervisor/supervisor.js';
import { examineAgain } from './examine-again.js';
import { PluginMessages } from './plugin-messages.js';
import type { ProcessSettings } from './process-settings.js';
import type { RegisteredCapabilities } from '../wire/messages.js';
import { RemoteInvoker } from './remote-invoker.js';
import { LifecycleRpc } from './lifecycle-rpc.js';
import { RestartGate } from './restart-gate.js';

type RemoteApi = BackendApi & Pick<PluginApi, 'namesTaken'>;

let lastNumber = 0;

/** A plugin in a child process. The host uses it like a plugin in this process, except for `tool.sync`. */
export class IsolatedPlugin implements Plugin, SupervisedPlugin<ChildSession> {
  readonly id: string;
  readonly meta: PluginMeta;
  readonly declared: DeclaredCapabilities;
  readonly lifecycle: Lifecycle;
  readonly #record: PluginRecord;
  readonly #invoker: RemoteInvoker;
  readonly #messages: PluginMessages;
  readonly #steps: LifecycleRpc;
  readonly #gate: RestartGate;
  /** In messages. */
  readonly #number = ++lastNumber;
  #supervisor: Supervisor<ChildSession> | undefined;
  /** With the child that it is in, or is being loaded in. */
  #session: ChildSession | undefined;
  /** Its end, once that has begun. */
  #ending: Promise<void> | undefined;
  #context: PluginContext | undefined;
  /** Its files when they were loaded. */
  #files: PluginFiles | undefined;
  /** On its library, in the child that it is in. */
  #claim: Claim | undefined;
  #namesTaken: PluginApi['namesTaken'] = () => [];
  /** What it registered, in order: after a restart it must be the same. */
  #registered: RegisteredCapabilities = [];

  constructor(
    private readonly candidate: Candidate,
    private readonly settings: ProcessSettings,
    waitForDebugger: boolean,
    private readonly request: LoadRequest,
  ) {
    const { id, manifest } = candidate;
    const { name, version, description, author } = manifest.plugin;
    this.id = id;
    this.meta = { name, version, description, author };
    this.declared = manifest.capabilities;
    this.#record = new PluginRecord(id, settings.logger);
    this.#gate = new RestartGate(id);
    this.lifecycle = request.lifecycle ?? new Lifecycle();
    const { maxPayloadBytes, graceMs } = settings;
    this.#invoker = new RemoteInvoker({ pluginId: id, plugin: this.#number, maxPayloadBytes, graceMs, waitForDebugger });
    this.#messages = new PluginMessages(id, this.#invoker, this.#record, settings.logger);
    this.#steps = new LifecycleRpc(candidate, this.#number, settings, waitForDebugger);
  }

  get state(): PluginState {
    return this.lifecycle.state;
  }

  get failure(): PluginError | undefined {
    return this.lifecycle.failure;
  }

  /** Of the process it is in right now. */
  get pid(): number | undefined {
    return this.#session?.child.pid;
  }

  /** How often its process was started again. */
  get restarts(): number {
    return this.#supervisor?.restarts ?? 0;
  }

  get events(): readonly PluginEvent[] {
    return this.#record.events;
  }

  get isLive(): boolean {
    return this.lifecycle.reached !== undefined;
  }

  /**
   * Loads it in the supervisor's process. Returns whether it needs one thread for all calls, which only a process with a pool
   * of one can give it. @throws LoadError, LifecycleError ERR_LIFECYCLE_CRASHED
   */
  async load(supervisor: Supervisor<ChildSession>): Promise<boolean> {
    const { trace = new Trace(), beforeOpen } = this.request;
    let wantsOneThread = false;
    const load = async (): Promise<void> => {
      this.#supervisor = supervisor;
      this.#files = new PluginFiles(this.candidate);
      const facts = await examine(this.candidate, this.settings, trace);
      await beforeOpen?.(facts);
      wantsOneThread = await this.#gate.run(async () => {
        const session = await trace.check('open', 'starting its process', () => supervisor.join(this));
        return this.#loadIn(session, facts, trace);
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
      return wantsOneThread;
    } finally {
      release();
    }
  }

  /** Removes it from its process, so that it can be loaded in another. */
  async unload(): Promise<void> {
    await this.#run('unload', () => this.#shutdownInChild());
    await this.#leaveChild();
  }

  async register(api: RemoteApi): Promise<void> {
    await this.#run('register', async () => {
      this.#messages.api = api;
      this.#namesTaken = api.namesTaken;
      this.#registered = await this.#gate.run(() => this.#steps.register(this.#session, this.#namesTaken()));
      // The child has checked them as the host does; what counts is what the host says.
      await this.#steps.registerHere(this.#registered, (capability) =>
        api.registerCapability(capability, this.#invoker.backendOf(capability)),
      );
    });
  }

  async init(context: PluginContext): Promise<void> {
    await this.#run('init', async () => {
      this.#context = context;
      this.#messages.logger = guardedLogger(context.logger);
      await this.#gate.run(() => this.#steps.init(this.#session, context));
    });
    this.#open();
    watchExit();
    stopAtExit(this);
  }

  /** Tells it of a new configuration, which it also gets when it is started again; waits for a start under way. */
  async reconfigure(config: PluginContext['config']): Promise<void> {
    await this.#gate.wait();
    await this.#run('reconfigure', () => this.#steps.reconfigure(this.#session, config));
    if (this.#context !== undefined) this.#context = { ...this.#context, config };
  }

  /** Rule 10. Past the deadline its process is killed. */
  async shutdown(): Promise<void> {
    const shutdown = this.#run('shutdown', () => this.#end());
    await (this.#ending = shutdown.then(() => this.#leave('retired')));
  }

  async #end(): Promise<void> {
    this.#invoker.close('shutting down');
    this.#invoker.use(undefined);
    // In a child of its own what is being brought back ends with that; in a shared one it has to be ended.
    if (this.#supervisor?.isShared === true) await this.#gate.restart;
    if (this.#session !== undefined && this.#gate.restart === undefined) await this.#shutdownInChild();
  }

  #run(step: LifecycleStep, run: () => Promise<void>): Promise<void> {
    return this.lifecycle.run(step, { pluginId: this.id, path: this.candidate.path }, run, () => this.#leave('failed'));
  }

  /** Waits for a shutdown that is already running. If it fails, its own caller gets the error. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.lifecycle.allows('shutdown')) await this.shutdown();
    else if (this.lifecycle.state === 'failed') await (this.#ending ??= this.#leave('failed')).catch(() => undefined);
    else await this.#ending?.catch(() => undefined);
  }

  wantsRestart(end: ChildEnd): boolean {
    return this.lifecycle.isSteady || (this.isLive && this.#gate.isBystanderOf(end));
  }

  onCrash(end: ChildEnd, nextInMs: number | undefined): void {
    this.#session = undefined;
    this.#invoker.use(undefined);
    const { reason, machine, during } = end;
    const next = nextInMs === undefined ? '' : `; it is started again in ${Math.round(nextInMs)} ms`;
    this.#record.add(stepOf(during), `its process ${reason} (last asked for: ${during})${next}${machine === undefined ? '' : `. ${MACHINE_HINTS[machine]}`}`);
    this.#gate.onCrash(end, this.isLive && nextInMs !== undefined);
    if (!this.isLive) return;
    if (this.lifecycle.reached !== 'active') return; // who waits for its step is told
    this.lifecycle.happen(nextInMs === undefined ? 'quarantine' : 'crash', stepCrashed(during, end, this.#where('active')));
    if (nextInMs === undefined) this.#invoker.close('quarantined, since it kept crashing');
    this.request.onStanding?.();
  }

  restartIn(session: ChildSession): Promise<void> {
    const { child } = session;
    return this.#gate.track(async () => {
      try {
        await this.#bringBack(session);
      } catch (error) {
        if (this.isLive && isShortage(error)) child.kill(`could not be given its plugin: ${messageOf(error)}`, undefined, 'start');
        // Its process's end comes with a restart of its own.
        if (!child.isGone && this.isLive) await this.#fail(error);
      }
      return !child.isGone;
    });
  }

  /** Repeats its steps in a new child, up to the state that it had. Stops if the plugin is ended meanwhile. */
  async #bringBack(session: ChildSession): Promise<void> {
    const facts = await examineAgain(this.candidate, this.#files, this.settings, this.request.beforeReopen);
    if (!this.isLive) return;
    await this.#loadIn(session, facts, new Trace());
    if (!this.isLive || this.lifecycle.reached === 'loaded') return;
    const registered = await this.#steps.register(session, this.#namesTaken());
    if (!isDeepStrictEqual(registered, this.#registered)) throw new Error('it registered other capabilities than before');
    if (!this.isLive || this.lifecycle.reached === 'registered' || this.#context === undefined) return;
    await this.#steps.init(session, this.#context);
    if (!this.lifecycle.allows('comeBack')) return;
    this.lifecycle.happen('comeBack');
    this.#open();
    this.request.onStanding?.();
  }

  async #fail(error: unknown): Promise<void> {
    const isKnown = error instanceof PluginError;
    const reason = messageOf(error);
    this.#record.add(isKnown ? error.step : 'init', `it could not be started again: ${reason}`);
    const where = { ...this.#where('register'), cause: error };
    const failure = isKnown ? error : stepFailed('register', { status: 'another registration', reason }, where);
    this.lifecycle.fail(failure);
    await this.#leave('failed');
    this.request.onStanding?.();
  }

  async #loadIn(session: ChildSession, facts: Triage, trace: Trace): Promise<boolean> {
    const preload = childEnvironment(this.settings, 1).LD_PRELOAD;
    const { opened } = session;
    const { pid = 0 } = session.child;
    const placing = { candidate: this.candidate, options: this.settings, trace, opened, preload, isHost: false, pid, isAlone: this.#supervisor?.isShareable === false };
    const { isThreadSafe, wantsOneThread } = await placeLibrary(facts, placing, (library, claim) => {
      this.#claim = claim;
      return this.#enter(session, library, trace);
    });
    this.#invoker.setThreads(isThreadSafe, Math.max(1, this.settings.poolSize - 1)); // one is kept for what must not wait
    return wantsOneThread;
  }

  /** Loads it in the child. If that fails, it is not in the child. */
  async #enter(session: ChildSession, library: FitLibrary, trace: Trace): ReturnType<LifecycleRpc['load']> {
    this.#session = session;
    session.attach(this.#number, this.#messages.endpointIn(session));
    try {
      return await this.#steps.load(session, library, trace);
    } catch (error) {
      session.detach(this.#number);
      if (this.#session === session) this.#session = undefined;
      throw error;
    }
  }

  /** Ends it in order; its library may then be opened again in this child. */
  async #shutdownInChild(): Promise<void> {
    await this.#steps.shutdown(this.#session);
    this.#claim?.release();
  }

  /** Accepts invocations. Those that were waiting go first. */
  #open(): void {
    this.#invoker.open();
    this.#invoker.use(this.#session);
  }

  async #leave(state: 'retired' | 'failed'): Promise<void> {
    this.#gate.open();
    this.#invoker.close(state);
    this.#invoker.use(undefined);
    leaveAtExit(this);
    await this.#leaveChild();
  }

  async #leaveChild(): Promise<void> {
    this.#session?.detach(this.#number);
    this.#session = undefined;
    await this.#supervisor?.leave(this);
  }

  #where(step: Step): ErrorContext {
    return { pluginId: this.id, path: this.candidate.path, step };
  }
}

/** The step that a crash belongs to, by what the host had last asked for. */
const stepOf = (during: string): Step => (isLifecycleStep(during) ? stepRow(during).step : 'active');
