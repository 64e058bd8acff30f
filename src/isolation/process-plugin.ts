import { isDeepStrictEqual } from 'node:util';
import type { CapabilityDescriptor } from '../capability/backend.js';
import { inPlugin, messageOf, type Step } from '../errors/index.js';
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
import type { PluginChild } from './plugin-child.js';
import type { Member, PluginProcess } from './plugin-process.js';
import { PluginVoice } from './plugin-voice.js';
import type { ProcessSettings } from './process-options.js';
import { ENDABLE, checkState, standingIn, stepOf, type ProcessPluginState } from './process-plugin-state.js';
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
  #ending: Promise<void> | undefined;
  #process: PluginProcess | undefined;
  #child: PluginChild | undefined;
  #state: ProcessPluginState = 'new';
  #context: PluginContext | undefined;
  #onStanding: LoadRequest['onStanding'];
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

  get events(): readonly PluginEvent[] {
    return this.#record.events;
  }

  get isLive(): boolean {
    return this.#state === 'active' || this.#state === 'restarting';
  }

  /**
   * Takes it into `process` and has it loaded there. Returns whether it wants one thread for ever, which only a process
   * with a pool of one can give it. @throws LoadError, LifecycleError ERR_LIFECYCLE_CRASHED
   */
  async load(home: PluginProcess, { trace = new Trace(), beforeOpen, onStanding }: LoadRequest): Promise<boolean> {
    this.#process = home;
    this.#onStanding = onStanding;
    const release = keepAlive();
    try {
      const facts = await examine(this.candidate, this.settings, trace);
      await beforeOpen?.(facts);
      const child = await trace.check('open', 'starting its process', () => home.join(this));
      const wantsOneThread = await this.#loadIn(child, facts, trace);
      this.#state = 'loaded';
      return wantsOneThread;
    } catch (error) {
      await this.#retire('failed');
      throw inPlugin(error, this.id);
    } finally {
      release();
    }
  }

  /** Out of its process again, to be loaded in another. */
  async unload(): Promise<void> {
    this.#enter('unload', 'create', ['loaded'], 'new');
    await this.#steps.shutdown(this.#child);
    await this.#leave();
  }

  async register(api: RemoteApi): Promise<void> {
    this.#enter('register', 'register', ['loaded'], 'registering');
    this.#voice.api = api;
    this.#namesTaken = api.namesTaken;
    try {
      this.#registered = await this.#steps.register(this.#child, this.#namesTaken());
      // The child has checked them as the host does; what counts is what the host says.
      for (const descriptor of this.#registered) api.registerCapability(descriptor, this.#invoker.backendOf(descriptor));
    } catch (error) {
      await this.#retire('failed');
      throw error;
    }
    this.#state = 'registered';
  }

  async init(context: PluginContext): Promise<void> {
    this.#enter('init', 'init', ['registered'], 'initializing');
    this.#context = context;
    this.#voice.logger = guardedLogger(context.logger);
    try {
      await this.#steps.init(this.#child, context);
    } catch (error) {
      await this.#retire('failed');
      throw error;
    }
    this.#open();
    watchExit();
    stopAtExit(this);
  }

  /** Tells it of a new configuration, which it also gets when it is started again. */
  async reconfigure(config: PluginContext['config']): Promise<void> {
    this.#enter('reconfigure', 'active', ['active'], 'active');
    await this.#steps.reconfigure(this.#child, config);
    if (this.#context !== undefined) this.#context = { ...this.#context, config };
  }

  /** Rule 10. Past the deadline its process is killed. */
  async shutdown(): Promise<void> {
    const isRunning = this.#state !== 'restarting' && this.#state !== 'quarantined';
    this.#enter('shutdown', 'shutdown', ENDABLE, 'stopping');
    await (this.#ending = this.#end(isRunning));
  }

  async #end(isRunning: boolean): Promise<void> {
    this.#invoker.cancelAll('shutting down');
    this.#invoker.use(undefined);
    try {
      if (isRunning) await this.#steps.shutdown(this.#child);
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

  onCrash(end: ChildEnd, nextInMs: number | undefined): void {
    this.#child = undefined;
    this.#invoker.use(undefined);
    const next = nextInMs === undefined ? '' : `; it is started again in ${Math.round(nextInMs)} ms`;
    this.#record.add(stepOf(end.during), `its process ${end.reason} (last asked for: ${end.during})${next}`);
    if (!this.isLive) return;
    if (nextInMs === undefined) {
      this.#state = 'quarantined';
      this.#invoker.cancelAll('quarantined, since it kept crashing');
    } else this.#state = 'restarting';
    this.#onStanding?.();
  }

  async restartIn(child: PluginChild): Promise<void> {
    try {
      // What is on the disk may be another plugin by now.
      const facts = await examine(this.candidate, this.settings, new Trace());
      await this.#loadIn(child, facts, new Trace());
      const registered = await this.#steps.register(child, this.#namesTaken());
      if (!isDeepStrictEqual(registered, this.#registered)) throw new Error('it registered other capabilities than before');
      if (this.#context !== undefined) await this.#steps.init(child, this.#context);
      if (this.#state !== 'restarting') return;
      this.#open();
      this.#onStanding?.();
    } catch (error) {
      // Its process's end comes with a restart of its own.
      if (child.isGone || this.#state !== 'restarting') return;
      this.#record.add('init', `it could not be started again: ${messageOf(error)}`);
      await this.#retire('failed');
      this.#onStanding?.();
    }
  }

  async #loadIn(child: PluginChild, library: FitLibrary, trace: Trace): Promise<boolean> {
    this.#child = child;
    child.attach(this.#number, this.#voice.in(child));
    const { isThreadSafe, wantsOneThread } = await this.#steps.load(child, library, trace);
    this.#invoker.isThreadSafe = isThreadSafe;
    return wantsOneThread;
  }

  /** Takes invocations, those that waited first. */
  #open(): void {
    this.#state = 'active';
    this.#invoker.closedState = undefined;
    this.#invoker.use(this.#child);
  }

  async #retire(state: 'retired' | 'failed'): Promise<void> {
    this.#state = state;
    this.#invoker.cancelAll(state);
    this.#invoker.use(undefined);
    leaveAtExit(this);
    await this.#leave();
  }

  async #leave(): Promise<void> {
    this.#child?.detach(this.#number);
    this.#child = undefined;
    await this.#process?.leave(this);
  }

  #enter(operation: string, step: Step, from: readonly ProcessPluginState[], to: ProcessPluginState): void {
    checkState(operation, from, this.#state, { pluginId: this.id, path: this.candidate.path, step });
    this.#state = to;
  }
}
