import { Status } from '../abi/status.js';
import { labelOf } from '../capability/descriptor.js';
import type { Backend, Chunk, InvokeOptions } from '../invocation/backend.js';
import { nestsTooDeep, refuseReentry } from '../invocation/call-chain.js';
import { refuseLargeInput } from '../invocation/input-limit.js';
import type { Callee } from '../invocation/callee.js';
import { InvocationError, messageOf } from '../errors/index.js';
// The files themselves: in CommonJS each use of a name from an index is a call of a getter, and this is the hot path.
import type { CallFrame, CallFrames } from '../library/call-frame.js';
import { restoreFloatingPoint } from '../library/floating-point.js';
import { takeSignalWords } from '../library/signal-words.js';
import { errorOf, readReply, type Answer } from './answer.js';
import type { Errands } from './errands.js';
import { GivenUp, type GivenUpBy } from './given-up.js';
import { Invocation, nextInvocationId, type InvocationHooks } from './invocation.js';
import type { NativeCapability } from './native-capability.js';
import { OpenInvocations } from './open-invocations.js';
import type { PluginRecord } from '../report/plugin-record.js';
import { Lane, RESERVED } from './worker-pool.js';

/** INLINE calls that answer at once cannot be cancelled: nobody else runs meanwhile. */
const inlineSignals = takeSignalWords();

/** Takes invocations into one native plugin and their answers out of it. */
export class Invoker {
  readonly #open = new OpenInvocations();
  readonly #givenUp: GivenUp;
  #inlineId = 0;
  /** INLINE capabilities that may not run on the main thread: a way past what blocks the plugin's lane, as there. */
  readonly #inlineLane = new Lane(1, RESERVED);
  /** Why nothing may be invoked (any more), or `undefined`. */
  closedState: string | undefined = 'not active yet';
  /** Set once the plugin's own shutdown has returned: nothing of it is called any more. */
  isShutDown = false;

  constructor(
    private readonly pluginId: string,
    private readonly lane: Lane,
    private readonly isThreadSafe: boolean,
    private readonly limit: number,
    private readonly record: PluginRecord,
    private readonly errands: Errands,
    private readonly frames: CallFrames,
  ) {
    this.#givenUp = new GivenUp(record);
  }

  /** The capability's way in. */
  backendOf(capability: NativeCapability): Backend {
    const callee: Callee = { pluginId: this.pluginId, capability: labelOf(capability.descriptor) };
    const hooks: InvocationHooks = {
      onAnswered: (ended) => this.#open.delete(ended),
      onGivenUp: (ended, why) => this.#tellGivenUp(capability, ended, why),
    };
    return {
      isInline: capability.isInline,
      invoke: (method, input, options) => {
        try {
          return this.#invoke(capability, callee, hooks, method, input, options);
        } catch (error) {
          const refusal = error as InvocationError;
          return Promise.reject(refusal);
        }
      },
      invokeSync: this.#runsHere(capability) ? (method, input) => this.#invokeSync(capability, callee, method, input) : undefined,
    };
  }

  #invoke(
    capability: NativeCapability,
    callee: Callee,
    hooks: InvocationHooks,
    method: string,
    input: string,
    options: InvokeOptions,
  ): Promise<string> {
    this.#admit(callee, input);
    if (!this.isThreadSafe) refuseReentry(callee, options.parent);
    if (options.signal?.aborted === true) {
      const context = { pluginId: this.pluginId, cause: options.signal.reason as unknown };
      throw new InvocationError('ERR_INVOCATION_CANCELLED', { capability: callee.capability, stillRunning: false }, context);
    }
    const invocation = new Invocation(callee, hooks, options);
    this.#open.add(invocation);
    const lane = capability.isInline ? this.#inlineLane : this.lane;
    if (this.#runsHere(capability)) this.#runInline(capability, invocation, method, input);
    else invocation.queued(lane.enqueue((left) => this.#runOnWorker(capability, invocation, method, input, left)));
    return invocation.promise;
  }

  #runsHere(capability: NativeCapability): boolean {
    return capability.isInline && !this.errands.offMain;
  }

  #runOnWorker(capability: NativeCapability, invocation: Invocation, method: string, input: string, left: () => void): void {
    const frame = this.#prepare(invocation, method, input);
    if (frame === undefined) {
      left();
      return;
    }
    invocation.enter();
    capability.invoke.async(capability.data, frame.request, frame.reply, (error, status) => {
      const answer = this.#read(frame, error === null ? status : 0);
      this.frames.giveBack(frame);
      this.#leave(invocation, answer);
      this.errands.whenDone(left);
    });
  }

  #runInline(capability: NativeCapability, invocation: Invocation, method: string, input: string): void {
    const frame = this.#prepare(invocation, method, input);
    if (frame === undefined) return;
    invocation.enter();
    const status = capability.invoke(capability.data, frame.request, frame.reply);
    restoreFloatingPoint();
    const answer = this.#read(frame, status);
    this.frames.giveBack(frame);
    this.#leave(invocation, answer);
  }

  #invokeSync(capability: NativeCapability, callee: Callee, method: string, input: string): string {
    this.#admit(callee, input);
    const frame = this.frames.take();
    const outer = this.#inlineId;
    this.#inlineId = nextInvocationId();
    frame.prepareRequest(method, input, this.#inlineId, 0, inlineSignals);
    const status = capability.invoke(capability.data, frame.request, frame.reply);
    restoreFloatingPoint();
    const answer = this.#read(frame, status);
    this.#inlineId = outer;
    this.frames.giveBack(frame);
    if (answer.kind === 'ok') return answer.text;
    if (answer.kind !== 'pending') throw errorOf(answer, callee);
    throw errorOf({ kind: 'violation', expected: 'an answer, since the call was synchronous', found: 'PENDING' }, callee);
  }

  /** `undefined` where there is no memory for the input, or it is no text: the invocation has ended with that. */
  #prepare(invocation: Invocation, method: string, input: string): CallFrame | undefined {
    const frame = this.frames.take();
    const parent = invocation.parent instanceof Invocation ? invocation.parent.id : 0;
    try {
      frame.prepareRequest(method, input, invocation.id, parent, invocation.signals);
      return frame;
    } catch (cause) {
      this.frames.giveBack(frame);
      const { capability, pluginId } = invocation.callee;
      const fields = { capability, pointer: '', expected: 'text that memory has room for', found: messageOf(cause) };
      invocation.giveUp(new InvocationError('ERR_INVALID_PARAMETERS', fields, { pluginId, cause }));
      return undefined;
    }
  }

  #read(frame: CallFrame, status: number): Answer {
    try {
      return readReply(frame, status, this.limit, this.errands.release);
    } catch (error) {
      // Thrown here it would be nobody's, and end the process.
      return { kind: 'violation', expected: 'a reply that memory and a string have room for', found: messageOf(error) };
    }
  }

  #leave(invocation: Invocation, answer: Answer): void {
    const both = invocation.parked !== undefined && answer.kind !== 'pending';
    if (both) this.record.add('active', `${invocation.callee.capability} completed and answered as well (rule 15)`);
    if (invocation.answered) this.#givenUp.leave(invocation, answer);
    invocation.leave(answer);
  }

  /** Everything that refuses an invocation before anything is sent. */
  #admit(callee: Callee, input: string): void {
    const { capability, pluginId } = callee;
    if (this.closedState !== undefined) {
      throw new InvocationError('ERR_PLUGIN_CLOSED', { capability, state: this.closedState }, { pluginId });
    }
    const { stuck } = this.#givenUp;
    if (stuck !== undefined) {
      const reason = `${stuck.callee.capability} passed its deadline and is still running`;
      throw new InvocationError('ERR_PLUGIN_BUSY', { capability, reason }, { pluginId });
    }
    refuseLargeInput(callee, input, this.limit);
  }

  /** Wakes native code that may be waiting, and says whether it is still inside. */
  #tellGivenUp(capability: NativeCapability, invocation: Invocation, by: GivenUpBy): boolean {
    invocation.signals.cancelNow();
    if (invocation.began) this.errands.wake(capability, invocation.id);
    this.#givenUp.add(invocation, by);
    return invocation.inside;
  }

  /** Resolves when nothing of the plugin runs beside its lane. */
  async idle(): Promise<void> {
    await this.#inlineLane.empty();
    await new Promise<void>((resolve) => this.errands.whenDone(resolve));
  }

  /** Hands the answer of a call to the plugin, unless it is closed: then nothing of it is called any more. */
  reply(...args: Parameters<Errands['reply']>): void {
    if (!this.isShutDown) this.errands.reply(...args);
  }

  /** Ends everything open (rule 10): the cancel words first, so that native code that looks comes back. */
  cancelAll(state: string): void {
    this.closedState = state;
    for (const invocation of this.#open.all()) {
      const { capability } = invocation.callee;
      invocation.giveUp(new InvocationError('ERR_PLUGIN_CLOSED', { capability, state }, { pluginId: this.pluginId }));
    }
  }

  /** What still runs inside the plugin, by name, for errors and records. */
  get running(): readonly string[] {
    return this.#givenUp.running;
  }

  // What the plugin says of an invocation (rules 15, 16, 18). An id that is not open here is stale, whatever it is.

  admitChunk(id: number): number {
    if (id === this.#inlineId && id !== 0) return Status.OK;
    const invocation = this.#open.get(id);
    if (invocation === undefined || invocation.parked !== undefined) return Status.STALE;
    return invocation.isFull ? Status.FULL : Status.OK;
  }

  takeChunk(id: number, chunk: Chunk): void {
    this.#open.get(id)?.push(chunk);
  }

  admitCompletion(id: number): number {
    const invocation = this.#open.get(id);
    if (invocation === undefined) this.#givenUp.complete(id);
    return invocation === undefined || invocation.parked !== undefined ? Status.STALE : Status.OK;
  }

  takeCompletion(id: number, answer: Exclude<Answer, { kind: 'pending' }>): void {
    const invocation = this.#open.get(id);
    if (invocation?.inside === true) invocation.parked = answer;
    else invocation?.answer(answer);
  }

  /** The chain that a call on behalf of invocation `id` extends, or the status that refuses it (rule 12). */
  chainFrom(id: number): Pick<InvokeOptions, 'parent' | 'signal'> | number {
    if (id === 0) return {};
    const parent = this.#open.get(id);
    if (parent === undefined) return Status.STALE;
    return nestsTooDeep(parent) ? Status.NESTING : { parent, signal: parent.givenUp };
  }
}
