import { isDeepStrictEqual } from 'node:util';
import type { CapabilityDescriptor } from '../capability/backend.js';
import { LifecycleError, PluginError, inPlugin, messageOf, type Step } from '../errors/index.js';
import { guardedLogger } from '../log/guarded-logger.js';
import { examine } from '../loader/examine.js';
import type { LoadRequest } from '../loader/load-plugin.js';
import type { FitLibrary } from '../loader/open-plugin.js';
import { leaveAtExit, stopAtExit, watchExit } from '../plugin/native/exit.js';
import { keepAlive } from '../plugin/native/keep-alive.js';
import { PluginRecord } from '../plugin/native/record.js';
import type { BackendApi, DeclaredCapabilities, Plugin, PluginApi, PluginContext, PluginMeta } from '../plugin/plugin.js';
import type { PluginEvent } from '../report/plugin-report.js';
import { Trace } from '../report/trace.js';
import type { Candidate } from '../scan/index.js';
import type { ChildEnd } from './child-inbox.js';
import { Comeback } from './comeback.js';
import type { PluginChild } from './plugin-child.js';
import type { Member, PluginProcess } from './plugin-process.js';
import { PluginVoice } from './plugin-voice.js';
import type { ProcessSettings } from './process-options.js';
import { ENDABLE, LIVE, STEADY, checkState, standingIn, stepOf, type ProcessPluginState } from './process-plugin-state.js';
import { RemoteInvoker } from './remote-invoker.js';
import { RemoteSteps } from './remote-steps.js';

type RemoteApi = BackendApi & Pick<PluginApi, 'namesTaken'>;

let lastNumber = 0;

/** A plugin that lives in a child process. Seen from the host it is as one of this process, but for `tool.sync`. */
export class ProcessPlugin implements Plugin, Member {
  readonly id: string;
  readonly meta: PluginMeta;
  readonly declared: DeclaredCapabilities;
  /** In messages. */
  readonly #number = ++lastNumber;
  readonly #record: PluginRecord;
  readonly #invoker: RemoteInvoker;
  readonly #voice: PluginVoice;
  readonly #steps: RemoteSteps;
  readonly #comeback = new Comeback();
  #ending: Promise<void> | undefined;
  #process: PluginProcess | undefined;
  #child: PluginChild | undefined;
  /** Whether it is loaded there. */
  #isIn = false;
  #state: ProcessPluginState = 'new';
  /** What it is brought back to in another child. */
  #reached: 'nothing' | 'loaded' | 'registered' | 'active' = 'nothing';
  /** How its last child ended. */
  #ended: ChildEnd | undefined;
  #failure: PluginError | undefined;
  #context: PluginContext | undefined;
  #request: LoadRequest = {};
  #namesTaken: PluginApi['namesTaken'] = () => [];
  /** What it registered, in order: after a restart it must be the same. */
  #registered: readonly CapabilityDescriptor[] = [];

  constructor(
    private readonly candidate: Candidate,
    private readonly settings: ProcessSettings,
    isDebugged: boolean,
  ) {
    const { id, manifest } = candidate;
    const { name, version, description, author } = manifest.plugin;
    this.id = id;
    this.meta = { name, version, description, author };
    this.declared = manifest.capabilities;
    this.#record = new PluginRecord(id, settings.logger);
    const { maxPayloadBytes, graceMs } = settings;
    this.#invoker = new RemoteInvoker({ pluginId: id, plugin: this.#number, maxPayloadBytes, graceMs, isDebugged });
    this.#voice = new PluginVoice(id, this.#invoker, this.#record, settings.logger);
    this.#steps = new RemoteSteps(candidate, this.#number, settings, isDebugged);
  }

  get state(): ProcessPluginState {
    return this.#state;
  }

  get standing(): Plugin['standing'] {
    return standingIn(this.#state);
  }

  /** Of the process it is in right now. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How often its process was started again. */
  get restarts(): number {
    return this.#process?.restarts ?? 0;
  }

  get failure(): PluginError | undefined {
    return this.#failure;
  }

  get events(): readonly PluginEvent[] {
    return this.#record.events;
  }

  get isLive(): boolean {
    return LIVE.includes(this.#state);
  }

  /**
   * Takes it into `process` and has it loaded there. Returns whether it wants one thread for ever, which only a process
   * with a pool of one can give it. @throws LoadError, LifecycleError ERR_LIFECYCLE_CRASHED
   */
  async load(home: PluginProcess, request: LoadRequest): Promise<boolean> {
    const { trace = new Trace(), beforeOpen } = request;
    this.#process = home;
    this.#request = request;
    const release = keepAlive();
    try {
      const facts = await examine(this.candidate, this.settings, trace);
      await beforeOpen?.(facts);
      const wantsOneThread = await this.#withChild(async () => {
        const child = await trace.check('open', 'starting its process', () => home.join(this));
        return this.#loadIn(child, facts, trace);
      });
      this.#become('loaded');
      return wantsOneThread;
    } catch (error) {
      // Of a step that ended the child nothing could be told.
      const step = error instanceof PluginError ? error.step : 'open';
      if (trace.entries.at(-1)?.decision !== 'refused') trace.refuse(step, 'loading it in its process', error);
      await this.#retire('failed');
      throw inPlugin(error, this.id);
    } finally {
      release();
    }
  }

  /** Out of its process again, to be loaded in another. */
  async unload(): Promise<void> {
    this.#enter('unload', 'create', ['loaded'], 'new');
    try {
      await this.#steps.shutdown(this.#child);
    } finally {
      await this.#leave();
    }
  }

  async register(api: RemoteApi): Promise<void> {
    this.#enter('register', 'register', ['loaded'], 'registering');
    this.#voice.api = api;
    this.#namesTaken = api.namesTaken;
    try {
      this.#registered = await this.#withChild(() => this.#steps.register(this.#child, this.#namesTaken()));
      // The child has checked them as the host does; what counts is what the host says.
      await this.#steps.registerHere(this.#registered, (capability) =>
        api.registerCapability(capability, this.#invoker.backendOf(capability)),
      );
    } catch (error) {
      await this.#retire('failed');
      throw error;
    }
    this.#become('registered');
  }

  async init(context: PluginContext): Promise<void> {
    this.#enter('init', 'init', ['registered'], 'initializing');
    this.#context = context;
    this.#voice.logger = guardedLogger(context.logger);
    try {
      await this.#withChild(() => this.#steps.init(this.#child, context));
    } catch (error) {
      await this.#retire('failed');
      throw error;
    }
    this.#open();
    watchExit();
    stopAtExit(this);
  }

  /** Tells it of a new configuration, which it also gets when it is started again; waits for a start under way. */
  async reconfigure(config: PluginContext['config']): Promise<void> {
    await this.#comeback.wait();
    this.#enter('reconfigure', 'active', ['active'], 'active');
    await this.#steps.reconfigure(this.#child, config);
    if (this.#context !== undefined) this.#context = { ...this.#context, config };
  }

  /** Rule 10. Past the deadline its process is killed. */
  async shutdown(): Promise<void> {
    this.#enter('shutdown', 'shutdown', ENDABLE, 'stopping');
    await (this.#ending = this.#end());
  }

  async #end(): Promise<void> {
    this.#invoker.cancelAll('shutting down');
    this.#invoker.use(undefined);
    try {
      // In a child of its own what is being brought back ends with that; in a shared one it has to be ended.
      if (this.#process?.isShared === true) await this.#comeback.attempt;
      if (this.#isIn && this.#comeback.attempt === undefined) await this.#steps.shutdown(this.#child);
    } catch (error) {
      await this.#retire('failed');
      throw error;
    }
    await this.#retire('retired');
  }

  /** Waits for a shutdown that runs already; its failure is told to who called it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (ENDABLE.includes(this.#state)) await this.shutdown();
    else await this.#ending?.catch(() => undefined);
  }

  wantsBack(end: ChildEnd): boolean {
    return STEADY.includes(this.#state) || (this.isLive && this.#isBystanderOf(end));
  }

  /** Whether its child ended while something was asked of another plugin. */
  #isBystanderOf(end: ChildEnd | undefined): boolean {
    return end?.suspect !== undefined && end.suspect !== this.id;
  }

  onCrash(end: ChildEnd, nextInMs: number | undefined): void {
    this.#ended = end;
    this.#child = undefined;
    this.#isIn = false;
    this.#invoker.use(undefined);
    const { signal, exitCode, reason, during } = end;
    const next = nextInMs === undefined ? '' : `; it is started again in ${Math.round(nextInMs)} ms`;
    this.#record.add(stepOf(during), `its process ${reason} (last asked for: ${during})${next}`);
    if (!this.isLive) return;
    if (nextInMs !== undefined) this.#comeback.expect();
    else this.#comeback.end();
    if (this.#reached !== 'active') return; // who waits for its step is told
    if (nextInMs === undefined) {
      this.#failure = new LifecycleError('ERR_LIFECYCLE_CRASHED', { operation: during, signal, exitCode, reason }, this.#where('active'));
      this.#state = 'quarantined';
      this.#invoker.cancelAll('quarantined, since it kept crashing');
    } else this.#state = 'restarting';
    this.#request.onStanding?.();
  }

  restartIn(child: PluginChild): Promise<void> {
    return this.#comeback.try(async () => {
      try {
        await this.#bringBack(child);
      } catch (error) {
        // Its process's end comes with a restart of its own.
        if (!child.isGone && this.isLive) await this.#fail(error);
      }
      return !child.isGone;
    });
  }

  /** To where it was, step by step, unless it is to end meanwhile. */
  async #bringBack(child: PluginChild): Promise<void> {
    // What is on the disk may be another plugin by now.
    const facts = await examine(this.candidate, this.settings, new Trace());
    await this.#request.beforeReopen?.(facts);
    if (!this.isLive) return;
    await this.#loadIn(child, facts, new Trace());
    if (!this.isLive || this.#reached === 'loaded') return;
    const registered = await this.#steps.register(child, this.#namesTaken());
    if (!isDeepStrictEqual(registered, this.#registered)) throw new Error('it registered other capabilities than before');
    if (!this.isLive || this.#reached === 'registered' || this.#context === undefined) return;
    await this.#steps.init(child, this.#context);
    if (this.#state !== 'restarting') return;
    this.#open();
    this.#request.onStanding?.();
  }

  async #fail(error: unknown): Promise<void> {
    const isKnown = error instanceof PluginError;
    const reason = messageOf(error);
    this.#record.add(isKnown ? error.step : 'init', `it could not be started again: ${reason}`);
    const fields = { status: 'another registration', reason };
    this.#failure = isKnown ? error : new LifecycleError('ERR_REGISTER_FAILED', fields, { ...this.#where('register'), cause: error });
    await this.#retire('failed');
    this.#request.onStanding?.();
  }

  /** Takes a step, once more where its child ended meanwhile for another plugin. */
  async #withChild<T>(run: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.#comeback.wait();
      this.#ended = undefined;
      try {
        return await run();
      } catch (error) {
        const hasCrashed = error instanceof LifecycleError && error.code === 'ERR_LIFECYCLE_CRASHED';
        if (!hasCrashed || !this.#isBystanderOf(this.#ended)) throw error;
      }
    }
  }

  async #loadIn(child: PluginChild, library: FitLibrary, trace: Trace): Promise<boolean> {
    this.#child = child;
    child.attach(this.#number, this.#voice.in(child));
    const { isThreadSafe, wantsOneThread } = await this.#steps.load(child, library, trace);
    this.#isIn = true;
    this.#invoker.isThreadSafe = isThreadSafe;
    return wantsOneThread;
  }

  /** Takes invocations, those that waited first. */
  #open(): void {
    this.#become('active');
    this.#invoker.closedState = undefined;
    this.#invoker.use(this.#child);
  }

  #become(reached: 'loaded' | 'registered' | 'active'): void {
    this.#state = this.#reached = reached;
  }

  async #retire(state: 'retired' | 'failed'): Promise<void> {
    this.#state = state;
    this.#comeback.end();
    this.#invoker.cancelAll(state);
    this.#invoker.use(undefined);
    leaveAtExit(this);
    await this.#leave();
  }

  async #leave(): Promise<void> {
    this.#child?.detach(this.#number);
    this.#child = undefined;
    this.#isIn = false;
    await this.#process?.leave(this);
  }

  #enter(operation: string, step: Step, from: readonly ProcessPluginState[], to: ProcessPluginState): void {
    checkState(operation, from, this.#state, this.#where(step));
    this.#state = to;
  }

  #where(step: Step) {
    return { pluginId: this.id, path: this.candidate.path, step };
  }
}
