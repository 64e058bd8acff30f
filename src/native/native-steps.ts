import type { Buffer } from 'node:buffer';
import { MAX_STATE, type Extension } from '../abi/constants.js';
import { LifecycleError, type ErrorContext, type Step } from '../errors/index.js';
import { INIT_ONLY, KEPT_BUSY } from '../errors/lifecycle-errors.js';
import type { Address, CallFrames, SharedLibrary } from '../library/index.js';
import { ownClock } from '../options/process-clock.js';
import { stepRow, type LifecycleOperation, type LoadTimeouts } from '../plugin/lifecycle-table.js';
import type { PluginContext } from '../plugin/plugin.js';
import { stepFailed, stepTimedOut } from '../plugin/step-errors.js';
import type { PluginRecord } from '../report/plugin-record.js';
import { bytesReader } from './answer.js';
import type { Errands } from './errands.js';
import { initStruct } from './init-struct.js';
import { failureOf, runLifecycleCall, type LifecycleCall } from './lifecycle-call.js';
import { handoverIn, nameOf, reconfigureIn } from './plugin-extensions.js';
import type { PluginQueue } from './runners/plugin-queue.js';
import { stateStruct } from './state-struct.js';
import type { Vtable } from './vtable.js';

export interface NativeStepsOptions {
  readonly pluginId: string;
  readonly library: SharedLibrary;
  /** As errors name it. */
  readonly file: string;
  readonly vtable: Vtable;
  /** The `aisopod_host` that the plugin gets. */
  readonly host: Address;
  readonly timeouts: LoadTimeouts;
  readonly queue: PluginQueue;
  readonly errands: Errands;
  readonly frames: CallFrames;
  readonly record: PluginRecord;
}

type CallOptions = Partial<Pick<LifecycleCall, 'timeoutMs' | 'leftMs' | 'onResult' | 'read' | 'maxReplyBytes' | 'onBusy' | 'isWatched'>>;

/** Calls the C functions of a plugin's lifecycle on threads of its queue. Each throws the error of its step. */
export class NativeSteps {
  constructor(private readonly options: NativeStepsOptions) {}

  /** `refusal` returns the error of a registration that was refused. It fails the step, whatever status the plugin returns. */
  async register(refusal: () => unknown): Promise<void> {
    const { vtable, host } = this.options;
    const failure = failureOf(await this.#call('register', ({ reply }) => ({ prototype: 'call', at: vtable.register, args: [vtable.self, host, reply] })));
    const refused = refusal();
    if (refused !== undefined) throw refused as LifecycleError;
    this.#throwIf('register', failure);
  }

  async init(context: PluginContext): Promise<void> {
    await this.#giveConfig('init', this.options.vtable.init, context);
  }

  /** Gives an active plugin another configuration. For `waitMs` see #besideCalls. */
  reconfigure(context: PluginContext, waitMs?: number): Promise<void> {
    return this.#besideCalls('reconfigure', waitMs, async (limits) => {
      const reconfigure = reconfigureIn(await this.#extension('reconfigure', 'RECONFIGURE', limits()));
      if (reconfigure === undefined) throw new LifecycleError('ERR_CONFIG', { key: '', reason: INIT_ONLY }, this.#where('active'));
      await this.#giveConfig('reconfigure', reconfigure, context, limits());
    });
  }

  /** The plugin's state, for its next generation; `undefined` if it gives none. For `waitMs` see #besideCalls. */
  save(waitMs?: number): Promise<Buffer | undefined> {
    return this.#besideCalls('save', waitMs, async (limits) => {
      const at = await this.#handover('save', limits());
      if (at === undefined) return undefined;
      let state: Buffer | undefined;
      const read = bytesReader((bytes) => (state = bytes));
      const { self } = this.options.vtable;
      const answer = await this.#call('save', ({ reply }) => ({ prototype: 'save', at, args: [self, reply] }), { ...limits(), read, maxReplyBytes: MAX_STATE });
      if (answer.kind === 'too-large') throw new LifecycleError('ERR_HANDOVER_TOO_LARGE', { bytes: answer.bytes, limit: answer.limit }, this.#where('active'));
      this.#throwIf('save', failureOf(answer));
      return state === undefined || state.length === 0 ? undefined : state;
    });
  }

  /** Gives the plugin the state of the generation before. False if the plugin takes none. */
  async restore(state: Uint8Array): Promise<boolean> {
    const at = await this.#handover('restore');
    if (at === undefined) return false;
    const struct = stateStruct(state);
    const { self } = this.options.vtable;
    await this.#require('restore', ({ reply }) => ({ prototype: 'call', at, args: [self, struct.address, reply], keep: struct.buffer }));
    return true;
  }

  /** Waits until `idle` resolves, then calls the plugin's shutdown. Both together have the deadline. `running` names what still runs. */
  async shutdown(idle: Promise<void>, running: () => readonly string[]): Promise<void> {
    const { vtable, timeouts, record } = this.options;
    const measure = ownClock.measure();
    try {
      if (!(await settlesWithin(timeouts.shutdown, idle))) {
        record.add('shutdown', `shutdown was not called: ${running().join(', ') || 'native code'} is still inside`);
        throw stepTimedOut('shutdown', timeouts.shutdown, true, this.#where('shutdown'));
      }
      const callWith: LifecycleCall['callWith'] = ({ reply }) => ({ prototype: 'shutdown', at: vtable.shutdown, args: [vtable.self, reply] });
      await this.#require('shutdown', callWith, { leftMs: timeouts.shutdown - measure.ms() });
    } finally {
      measure.stop();
    }
  }

  /** Frees what `create` made. It returns nothing, so it can only miss its deadline. */
  async destroy(): Promise<void> {
    const at = this.options.library.symbol('aisopod_plugin_destroy');
    const onResult = (): void => undefined;
    if (at !== undefined) await this.#call('shutdown', () => ({ prototype: 'destroy', at, args: [this.options.vtable.address] }), { onResult });
  }

  /**
   * Runs a step of a plugin that serves calls: other calls may keep it busy. Then the step fails, and has not begun. `waitMs`: how long it waits
   * for its turn; somebody else has to end a call of the step that does not return. Default: the deadline of init, for everything.
   */
  async #besideCalls<T>(operation: LifecycleOperation, waitMs: number | undefined, run: (limits: () => CallOptions) => Promise<T>): Promise<T> {
    const measure = ownClock.measure();
    const timeoutMs = waitMs ?? this.options.timeouts.init;
    const onBusy = (): Error => this.#failed(operation, { status: 'BUSY', reason: `${KEPT_BUSY} for ${timeoutMs} ms` });
    try {
      return await run(() => ({ timeoutMs, onBusy, isWatched: waitMs !== undefined, leftMs: Math.max(1, timeoutMs - measure.ms()) }));
    } finally {
      measure.stop();
    }
  }

  /** The address of `save` or `restore`; `undefined` if the plugin does not have the extension. */
  async #handover(member: 'save' | 'restore', limits?: CallOptions): Promise<Address | undefined> {
    const at = handoverIn(await this.#extension(member, 'HANDOVER', limits), member);
    if (typeof at !== 'object') return at;
    throw this.#failed(member, { status: 'a broken struct', reason: `aisopod_handover, ${at.member}: expected ${at.expected}, found ${at.found}` });
  }

  /** What the plugin's get_extension returns: the address of a struct, or 0. */
  async #extension(operation: LifecycleOperation, name: keyof typeof Extension, limits?: CallOptions): Promise<number> {
    const { getExtension, self } = this.options.vtable;
    if (getExtension === undefined) return 0;
    let extension = 0;
    const onResult = (at: number): void => void (extension = at);
    await this.#call(operation, () => ({ prototype: 'getExtension', at: getExtension, args: [self, nameOf(name)] }), { ...limits, onResult });
    return extension;
  }

  /** Calls a function that takes an `aisopod_init`. */
  async #giveConfig(operation: 'init' | 'reconfigure', at: Address, { config, dataDir, hostVersion }: PluginContext, limits?: CallOptions): Promise<void> {
    const { host, vtable: { self } } = this.options;
    const struct = initStruct({ host, config: JSON.stringify(config), dataDir, hostVersion });
    await this.#require(operation, ({ reply }) => ({ prototype: 'call', at, args: [self, struct.address, reply], keep: struct.buffer }), limits);
  }

  /** Calls a function whose failure fails the step. */
  async #require(operation: LifecycleOperation, callWith: LifecycleCall['callWith'], more?: CallOptions): Promise<void> {
    this.#throwIf(operation, failureOf(await this.#call(operation, callWith, more)));
  }

  #throwIf(operation: LifecycleOperation, failure: ReturnType<typeof failureOf>): void {
    if (failure !== undefined) throw this.#failed(operation, failure);
  }

  #failed(operation: LifecycleOperation, failure: NonNullable<ReturnType<typeof failureOf>>): LifecycleError {
    return stepFailed(operation, failure, this.#where(stepRow(operation).step));
  }

  #call(operation: LifecycleOperation, callWith: LifecycleCall['callWith'], more: CallOptions = {}) {
    const { timeouts, errands, frames, queue, record } = this.options;
    const { step, timeout } = stepRow(operation);
    return runLifecycleCall({ operation, where: this.#where(step), timeoutMs: timeouts[timeout], callWith, errands, frames, ...more }, queue, record);
  }

  #where(step: Step): ErrorContext & { readonly step: Step } {
    return { pluginId: this.options.pluginId, path: this.options.file, step };
  }
}

/** Whether something that never rejects settles while native code could run for `ms`. */
function settlesWithin(ms: number, settling: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancelDeadline = ownClock.deadline(ms, () => resolve(false));
    void settling.then(() => {
      cancelDeadline();
      resolve(true);
    });
  });
}
