import { Status } from '../abi/status.js';
import { LifecycleError, messageOf, type ErrorContext, type PluginError, type Step } from '../errors/index.js';
import { INIT_ONLY } from '../errors/lifecycle-errors.js';
import { CallFrames, bind, type Bound, type SharedLibrary } from '../library/index.js';
import { guardedLogger } from '../log/guarded-logger.js';
import type { Logger } from '../log/logger.js';
import { plainLine } from '../log/plain-line.js';
import { ownClock, type Measure } from '../options/process-clock.js';
import type { PluginEvent } from '../report/plugin-report.js';
import { Lifecycle, stepRow, type LifecycleOperation } from '../plugin/lifecycle.js';
import type { BackendApi, DeclaredCapabilities, Plugin, PluginContext, PluginMeta } from '../plugin/plugin.js';
import { callCapability } from './call-out.js';
import { Errands, type ErrandLimit } from './errands.js';
import { leaveAtExit, stopAtExit, watchExit } from './exit.js';
import { initStruct } from './init-struct.js';
import { NativeInvoker } from './invoker.js';
import { failureOf, runLifecycleCall, type LifecycleCall, type LifecycleTimeouts } from './lifecycle-call.js';
import type { HostHandlers } from './host-function.js';
import { openHost } from './native-host.js';
import { bindReconfigure, reconfigureName } from './reconfigure-extension.js';
import { PluginRecord } from '../report/plugin-record.js';
import { Registration } from './registration.js';
import type { Vtable } from './vtable.js';
import { Lane, MAX_CONCURRENT_CALLS } from './worker-pool.js';

export interface NativePluginOptions {
  readonly id: string;
  readonly meta: PluginMeta;
  readonly declared: DeclaredCapabilities;
  /** Kept for as long as the plugin is: its functions live there. */
  readonly library: SharedLibrary;
  readonly vtable: Vtable;
  readonly logger: Logger;
  readonly timeouts: LifecycleTimeouts;
  /** Most bytes of an input, chunk or reply. */
  readonly maxPayloadBytes: number;
  /** No code of the plugin runs on the main thread. */
  readonly offMain: boolean;
  /** Of `release`, `cancel` and `on_reply`, where they run on workers. */
  readonly errandLimit?: ErrandLimit | undefined;
  /** Default: one of its own. */
  readonly lifecycle?: Lifecycle | undefined;
  /** Called when nothing of the plugin runs any more; never if native code stays inside. */
  readonly onGone?: (() => void) | undefined;
}

/** Whether something that never rejects settles while native code could run for `ms`. */
function settlesWithin(ms: number, settling: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const callOff = ownClock.deadline(ms, () => resolve(false));
    void settling.then(() => {
      callOff();
      resolve(true);
    });
  });
}

/** A plugin in a library of this process. */
export class NativePlugin implements Plugin {
  readonly id: string;
  readonly meta: PluginMeta;
  readonly declared: DeclaredCapabilities;
  readonly lifecycle: Lifecycle;
  readonly #lane: Lane;
  readonly #errands: Errands;
  readonly #frames = new CallFrames();
  readonly #record: PluginRecord;
  readonly #invoker: NativeInvoker;
  readonly #host: ReturnType<typeof openHost>;
  readonly #registration: Registration;
  #context: PluginContext | undefined;
  /** Its end, once that has begun. */
  #ending: Promise<void> | undefined;

  constructor(private readonly options: NativePluginOptions) {
    const { id, meta, declared, vtable, logger, maxPayloadBytes, offMain, errandLimit } = options;
    this.id = id;
    this.meta = meta;
    this.declared = declared;
    this.lifecycle = options.lifecycle ?? new Lifecycle();
    this.lifecycle.finish('load');
    this.#errands = new Errands(offMain, errandLimit);
    this.#lane = new Lane(vtable.isThreadSafe ? MAX_CONCURRENT_CALLS : 1);
    this.#record = new PluginRecord(id, logger);
    this.#invoker = new NativeInvoker(id, {
      lane: this.#lane,
      isThreadSafe: vtable.isThreadSafe,
      maxPayloadBytes,
      record: this.#record,
      errands: this.#errands,
      frames: this.#frames,
    });
    this.#registration = new Registration(this.lifecycle, this.#invoker, this.#record, this.#where('register'));
    watchExit();
    // A child's lines are made plain by its host, which cannot rely on it.
    const lineOf = offMain ? (text: string): string => text : plainLine;
    this.#host = openHost(this.#events(logger, lineOf));
  }

  /** What the plugin's calls of host functions come to. */
  #events(logger: Logger, lineOf: (text: string) => string): HostHandlers {
    const { lifecycle } = this;
    return {
      limit: this.options.maxPayloadBytes,
      get state() {
        return lifecycle.state;
      },
      onLog: (level, message) => (this.#context?.logger ?? logger)[level](lineOf(message), { pluginId: this.id }),
      onCapability: (address) => this.#registration.offer(address),
      admitChunk: (invocation) => this.#invoker.admitChunk(invocation),
      onChunk: (invocation, chunk) => this.#invoker.takeChunk(invocation, chunk),
      admitCompletion: (invocation) => this.#invoker.admitCompletion(invocation),
      onCompletion: (invocation, answer) => this.#invoker.takeCompletion(invocation, answer),
      onCall: (call) => (this.#registration.api === undefined ? Status.STATE : callCapability(this.#registration.api, this.#invoker, call)),
    };
  }

  /** What the plugin says of its threads (rules 8 and 11). */
  get threads(): Pick<Vtable, 'isThreadSafe' | 'wantsOneThread'> {
    return this.options.vtable;
  }

  /** What happened to it that no caller was told of: broken rules, calls that outlived their deadline. */
  get events(): readonly PluginEvent[] {
    return this.#record.events;
  }

  async register(api: BackendApi): Promise<void> {
    this.lifecycle.begin('register', this.#where('register'));
    this.#registration.api = api;
    try {
      const { vtable } = this.options;
      const failure = await this.#call('register', (frame, done) =>
        vtable.register.async(vtable.self, this.#host.address, frame.reply, done),
      );
      const { refusal } = this.#registration;
      if (refusal !== undefined) throw refusal as LifecycleError;
      if (failure !== undefined) throw new LifecycleError('ERR_REGISTER_FAILED', failure, this.#where('register'));
      this.lifecycle.finish('register');
    } catch (error) {
      await this.#giveUp(error as PluginError);
      throw error;
    }
  }

  async init(context: PluginContext): Promise<void> {
    this.lifecycle.begin('init', this.#where('init'));
    this.#context = { ...context, logger: guardedLogger(context.logger) };
    const { vtable } = this.options;
    try {
      const failure = await this.#give('init', vtable.init, context);
      if (failure !== undefined) throw new LifecycleError('ERR_INIT_FAILED', failure, this.#where('init'));
    } catch (error) {
      await this.#giveUp(error as PluginError);
      throw error;
    }
    this.lifecycle.finish('init');
    this.#invoker.open();
    stopAtExit(this);
  }

  /**
   * Rule 10: refuse, cancel, wait until nothing is inside, then the plugin's own shutdown. Past the deadline its
   * shutdown is not called and the plugin is leaked: whatever runs in it may still touch its memory.
   */
  async shutdown(): Promise<void> {
    const { isUp } = this.lifecycle;
    this.lifecycle.begin('shutdown', this.#where('shutdown'));
    await (this.#ending = this.#end(isUp));
  }

  async #end(isActive: boolean): Promise<void> {
    const measure = ownClock.measure();
    this.#invoker.close('shutting down');
    try {
      if (isActive) await this.#stop(measure);
      this.#invoker.isShutDown = true;
      await this.#destroy();
    } catch (error) {
      this.lifecycle.fail(error as PluginError);
      this.#close('failed');
      throw error;
    } finally {
      measure.stop();
    }
    this.lifecycle.finish('shutdown');
    this.#close('retired');
    this.options.onGone?.();
  }

  /** Tells an active plugin of a new configuration; refused by the plugin, the old one stays in force. */
  async reconfigure(config: PluginContext['config']): Promise<void> {
    this.lifecycle.begin('reconfigure', this.#where('active'));
    const context = { ...this.#context!, config };
    const reconfigure = await this.#extension();
    if (reconfigure === undefined) {
      throw new LifecycleError('ERR_CONFIG', { key: '', reason: INIT_ONLY }, this.#where('active'));
    }
    const failure = await this.#give('reconfigure', reconfigure, context);
    if (failure !== undefined) throw new LifecycleError('ERR_CONFIG', { key: '', reason: failure.reason }, this.#where('active'));
    this.#context = context;
  }

  /** Waits for a shutdown that is already running. If it fails, its own caller gets the error. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.lifecycle.allows('shutdown')) await this.shutdown();
    else if (this.lifecycle.state === 'failed') await (this.#ending ??= this.#giveBack()).catch(() => undefined);
    else await this.#ending?.catch(() => undefined);
  }

  /** `measure` is of all of the shutdown. */
  async #stop(measure: Measure): Promise<void> {
    if (!(await settlesWithin(this.options.timeouts.shutdown, this.#empty()))) {
      this.#record.add('shutdown', `shutdown was not called: ${this.#invoker.running.join(', ') || 'native code'} is still inside`);
      const fields = { operation: 'shutdown', timeoutMs: this.options.timeouts.shutdown, stillRunning: true };
      throw new LifecycleError('ERR_LIFECYCLE_TIMEOUT', fields, this.#where('shutdown'));
    }
    const { vtable, timeouts } = this.options;
    const enter: LifecycleCall['enter'] = (frame, done) => vtable.shutdown.async(vtable.self, frame.reply, done);
    const failure = await this.#call('shutdown', enter, timeouts.shutdown - measure.ms());
    if (failure !== undefined) throw new LifecycleError('ERR_SHUTDOWN_FAILED', failure, this.#where('shutdown'));
  }

  /** Resolves when nothing of the plugin runs. */
  async #empty(): Promise<void> {
    await this.#lane.empty();
    await this.#invoker.idle();
  }

  async #destroy(): Promise<void> {
    const at = this.options.library.symbol('aisopod_plugin_destroy');
    if (at === undefined) return;
    const destroy = bind('destroy', at);
    await this.#call('shutdown', (_frame, done) =>
      destroy.async(this.options.vtable.address, (error) => done(error, Status.OK)),
    );
  }

  async #extension(): Promise<Bound<'call'> | undefined> {
    const { getExtension, self } = this.options.vtable;
    if (getExtension === undefined) return undefined;
    let extension = 0;
    await this.#call('reconfigure', (_frame, done) =>
      getExtension.async(self, reconfigureName(), (error, at) => {
        extension = at;
        done(error, Status.OK);
      }),
    );
    return bindReconfigure(extension);
  }

  /** Calls a function that takes an `aisopod_init`. */
  #give(operation: 'init' | 'reconfigure', enter: Bound<'call'>, context: PluginContext) {
    const { dataDir, hostVersion } = context;
    const struct = initStruct({ host: this.#host.address, config: JSON.stringify(context.config), dataDir, hostVersion });
    return this.#call(operation, (frame, done) =>
      enter.async(this.options.vtable.self, struct.address, frame.reply, (error, status) => {
        void struct.buffer; // koffi does not keep it: it must outlive the call
        done(error, status);
      }),
    );
  }

  async #call(operation: LifecycleOperation, enter: LifecycleCall['enter'], leftMs?: number) {
    const { step, timeout } = stepRow(operation);
    const timeoutMs = this.options.timeouts[timeout];
    const call: LifecycleCall = { operation, where: this.#where(step), timeoutMs, leftMs, enter, errands: this.#errands, frames: this.#frames };
    return failureOf(await runLifecycleCall(call, this.#lane, this.#record));
  }

  async #giveUp(failure: PluginError): Promise<void> {
    this.lifecycle.fail(failure);
    await (this.#ending = this.#giveBack());
  }

  /** After a failure: what create made is given back, unless native code is still inside. */
  async #giveBack(): Promise<void> {
    this.#close('failed');
    if (this.#lane.inside > 0) return;
    await this.#destroy().then(this.options.onGone, (error: unknown) => this.#record.add('shutdown', `destroy failed: ${messageOf(error)}`));
  }

  /** From here its host functions answer CLOSED. The library stays: something of it may still run. */
  #close(state: 'retired' | 'failed'): void {
    this.#invoker.close(state);
    this.#invoker.isShutDown = true;
    this.#host.close();
    leaveAtExit(this);
  }

  #where(step: Step): ErrorContext & { readonly step: Step } {
    return { pluginId: this.id, path: this.options.library.path, step };
  }
}
