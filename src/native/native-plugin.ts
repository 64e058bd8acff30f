import type { Buffer } from 'node:buffer';
import { messageOf, type ErrorContext } from '../errors/index.js';
import { CallFrames } from '../library/index.js';
import type { InvocationParent } from '../invocation/backend.js';
import { guardedLogger } from '../log/guarded-logger.js';
import type { Logger } from '../log/logger.js';
import { Lifecycle } from '../plugin/lifecycle.js';
import type { LifecycleOperation } from '../plugin/lifecycle-table.js';
import type { BackendApi, DeclaredCapabilities, Plugin, PluginContext, PluginMeta } from '../plugin/plugin.js';
import { PluginRecord } from '../report/plugin-record.js';
import type { PluginEvent } from '../report/plugin-report.js';
import { Errands } from './errands.js';
import { leaveAtExit, stopAtExit } from './exit.js';
import { hostHandlers } from './host-handlers.js';
import { NativeInvoker } from './invoker.js';
import type { NativeCapability } from './native-capability.js';
import { openHost } from './native-host.js';
import type { NativePluginOptions } from './native-plugin-options.js';
import { NativeSteps } from './native-steps.js';
import { queueFor } from './outside-calls.js';
import { Registration } from './registration.js';
import { PluginQueue } from './runners/plugin-queue.js';
import { THREADS } from './runners/thread-pool.js';
import type { Vtable } from './vtable.js';

/** A plugin in a library of this process. */
export class NativePlugin implements Plugin {
  readonly id: string;
  readonly meta: PluginMeta;
  readonly declared: DeclaredCapabilities;
  readonly lifecycle: Lifecycle;
  readonly #queue: PluginQueue;
  readonly #errands: Errands;
  readonly #frames = new CallFrames();
  readonly #record: PluginRecord;
  readonly #invoker: NativeInvoker;
  readonly #host: ReturnType<typeof openHost>;
  readonly #registration: Registration;
  readonly #steps: NativeSteps;
  #context: PluginContext | undefined;
  /** Resolves when no call runs that does not go through the queue. */
  #settled: Promise<void> | undefined;
  /** Its end, once that has begun. */
  #ending: Promise<void> | undefined;

  constructor(private readonly options: NativePluginOptions) {
    const { id, meta, declared, vtable, logger, maxPayloadBytes, offMain, errandLimit, outside, onOverdue } = options;
    this.id = id;
    this.meta = meta;
    this.declared = declared;
    this.lifecycle = options.lifecycle ?? new Lifecycle();
    this.lifecycle.finish('load');
    const { wantsOneThread } = vtable;
    const { isThreadSafe } = this.threads;
    this.#queue = queueFor({ isThreadSafe, wantsOneThread }, outside);
    this.#errands = new Errands({ offMain, ownThread: wantsOneThread ? this.#queue : undefined, limit: errandLimit });
    this.#record = new PluginRecord(id, logger);
    const shared = { queue: this.#queue, errands: this.#errands, frames: this.#frames, record: this.#record };
    const inlineQueue = wantsOneThread ? this.#queue : new PluginQueue({ isUrgent: true });
    this.#invoker = new NativeInvoker(id, { ...shared, inlineQueue, outside, isThreadSafe, maxPayloadBytes, onOverdue });
    this.#registration = new Registration(this.lifecycle, this.#invoker, this.#record, { ...this.#where, step: 'register' });
    const loggerNow = (): Logger => this.#context?.logger ?? logger;
    this.#host = openHost(hostHandlers({ pluginId: id, limit: maxPayloadBytes, lifecycle: this.lifecycle, registration: this.#registration, invoker: this.#invoker, offMain, loggerNow }));
    this.#steps = new NativeSteps({ ...shared, pluginId: id, library: options.library, file: options.file, vtable, host: this.#host.address, timeouts: options.timeouts });
  }

  /** The plugin's flags about threads (rules 8 and 11). */
  get threads(): Pick<Vtable, 'isThreadSafe'> {
    const { isThreadSafe, wantsOneThread } = this.options.vtable;
    return { isThreadSafe: isThreadSafe && !wantsOneThread };
  }

  /** What happened without an error for any caller: broken rules, calls that ran past their deadline. */
  get events(): readonly PluginEvent[] {
    return this.#record.events;
  }

  /** What it registered, in order. */
  get capabilities(): readonly NativeCapability[] {
    return this.#registration.capabilities;
  }

  /** See OutsideCalls. */
  get outsideInvocations(): Pick<NativeInvoker, 'adopt' | 'onAdoptedReturn'> {
    return this.#invoker;
  }

  /** The parent of an invocation that is open. */
  originOf(id: number): InvocationParent | undefined {
    return this.#invoker.originOf(id);
  }

  readonly whenIdle = (): Promise<void> => this.#invoker.whenIdle();

  async register(api: BackendApi): Promise<void> {
    await this.#run('register', async () => {
      this.#registration.api = api;
      await this.#steps.register(() => this.#registration.refusal);
    });
  }

  async init(context: PluginContext): Promise<void> {
    await this.#run('init', async () => {
      this.#context = { ...context, logger: guardedLogger(context.logger) };
      await this.#steps.init(context);
    });
    this.#invoker.open();
    if (this.options.outside === undefined) void THREADS.warm();
    stopAtExit(this);
  }

  /** Passes a new configuration to an active plugin. If the plugin refuses it, the old one stays in force. For `waitMs` see NativeSteps. */
  async reconfigure(config: PluginContext['config'], waitMs?: number): Promise<void> {
    await this.#run('reconfigure', async () => {
      const context = { ...this.#context!, config };
      await this.#steps.reconfigure(context, waitMs);
      this.#context = context;
    });
  }

  readonly saveState = (waitMs?: number): Promise<Buffer | undefined> => this.#run('save', () => this.#steps.save(waitMs));
  readonly restoreState = (state: Uint8Array): Promise<boolean> => this.#run('restore', () => this.#steps.restore(state));

  /**
   * Rule 10: refuses calls, cancels the open ones, waits until none runs, then calls the plugin's shutdown. If a call still
   * runs at the deadline, shutdown is not called and the plugin is leaked: the call may still use its memory.
   */
  async shutdown(): Promise<void> {
    const { isUp } = this.lifecycle;
    const shutdown = this.lifecycle.run('shutdown', this.#where, () => this.#end(isUp), () => this.#close('failed'));
    const retire = (): void => {
      this.#close('retired');
      this.#queue.end();
      this.options.onGone?.();
    };
    await (this.#ending = shutdown.then(retire));
  }

  async #end(wasActive: boolean): Promise<void> {
    if (this.#losesCode()) return;
    this.#settled = this.options.outside?.settle();
    this.#invoker.close('shutting down');
    if (wasActive) await this.#steps.shutdown(this.#idle(), () => this.#invoker.running);
    this.#invoker.isShutDown = true;
    await this.#steps.destroy();
  }

  /** Waits for a shutdown that is already running. If it fails, its own caller gets the error. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.lifecycle.allows('shutdown')) await this.shutdown();
    else if (this.lifecycle.state === 'failed') await (this.#ending ??= this.#release()).catch(() => undefined);
    else await this.#ending?.catch(() => undefined);
  }

  #run<T>(step: LifecycleOperation, run: () => Promise<T>): Promise<T> {
    return this.lifecycle.run(step, this.#where, run, () => (this.#ending = this.#release()));
  }

  /** Resolves when no code of the plugin runs. */
  async #idle(): Promise<void> {
    await this.#settled;
    await this.#queue.empty();
    await this.#invoker.idle();
  }

  /** After a failure: frees what `create` made, unless native code is still inside. */
  async #release(): Promise<void> {
    const isLost = this.#losesCode();
    this.#close('failed');
    if (isLost || this.#queue.inside > 0) return;
    await this.#steps.destroy().then(this.options.onGone, (error: unknown) => this.#record.add('shutdown', `destroy failed: ${messageOf(error)}`));
    this.#queue.end();
  }

  /** Whether the code of the library is lost. Then none of its functions is called any more. */
  #losesCode(): boolean {
    if (this.options.isLost?.() !== true) return false;
    this.#errands.turnOff();
    this.#record.add('shutdown', 'its library was overwritten in place, so none of its functions is called any more: replace files by renaming new ones over them');
    return true;
  }

  /** From now on its host functions return CLOSED. The library stays loaded: its code may still run. */
  #close(state: 'retired' | 'failed'): void {
    this.#invoker.close(state);
    this.#invoker.isShutDown = true;
    this.#host.close();
    leaveAtExit(this);
  }

  get #where(): Pick<ErrorContext, 'pluginId' | 'path'> {
    return { pluginId: this.id, path: this.options.file };
  }
}
