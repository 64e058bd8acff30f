// The files themselves: in CommonJS each use of a name from an index is a call of a getter, and this is the hot path.
import { messageOf, type InvocationError } from '../errors/index.js';
import type { Callee } from '../invocation/callee.js';
import { contextJson } from '../invocation/context.js';
import type { Driver } from '../invocation/driver.js';
import { invalidParameters } from '../invocation/errors.js';
import { Invocation } from '../invocation/invocation.js';
import type { CallFrame, CallFrames, NativeCall, ReplyFrame, SignalWords } from '../library/index.js';
import { restoreFloatingPoint } from '../library/floating-point.js';
import type { PluginRecord } from '../report/plugin-record.js';
import { AbandonedCalls, type OverdueCall } from './abandoned-calls.js';
import { readReplySafely, type Answer } from './answer.js';
import type { Errands } from './errands.js';
import type { NativeCapability } from './native-capability.js';
import { NativeRun, answerWith, type FinalAnswer, type NativeInvocation, type RunDriver } from './native-run.js';
import type { PluginQueue } from './runners/plugin-queue.js';

export interface NativeDriverOptions {
  readonly queue: PluginQueue;
  /** For INLINE capabilities that may not run on the main thread. As there, they do not wait for the plugin's other calls. */
  readonly inlineQueue: PluginQueue;
  readonly isThreadSafe: boolean;
  readonly maxPayloadBytes: number;
  readonly record: PluginRecord;
  readonly errands: Errands;
  readonly frames: CallFrames;
  /** Called when an invocation passes its deadline in native code. */
  readonly onOverdue?: ((call: OverdueCall) => void) | undefined;
}

/** Runs invocations in this process: INLINE ones on the main thread if that is allowed, the others on the threads of the pool. */
export class NativeDriver implements Driver<NativeCapability, NativeRun>, RunDriver {
  readonly isThreadSafe: boolean;
  readonly maxInputBytes: number;
  readonly #abandoned: AbandonedCalls;

  constructor(private readonly options: NativeDriverOptions) {
    this.isThreadSafe = options.isThreadSafe;
    this.maxInputBytes = options.maxPayloadBytes;
    this.#abandoned = new AbandonedCalls(options.record, options.onOverdue);
  }

  refusal(callee: Callee): InvocationError | undefined {
    return this.#abandoned.refusal(callee);
  }

  /** What was cancelled and still runs inside the plugin. */
  get running(): readonly string[] {
    return this.#abandoned.names;
  }

  runsHere(capability: NativeCapability): boolean {
    return capability.isInline && !this.options.errands.offMain;
  }

  start(invocation: NativeInvocation, capability: NativeCapability, method: string, input: string): void {
    const run = (invocation.run = new NativeRun(invocation, capability, method, input, this));
    if (invocation.wantsChunks) invocation.keepAlive();
    if (this.runsHere(capability)) {
      this.#runInline(run);
      return;
    }
    run.enqueue(capability.isInline ? this.options.inlineQueue : this.options.queue);
  }

  /** Another thread is in this call already; see OutsideCalls. */
  adopt(invocation: NativeInvocation, capability: NativeCapability, method: string, signals: SignalWords): void {
    invocation.run = new NativeRun(invocation, capability, method, '', this, signals);
    invocation.enter();
  }

  /** An adopted call has returned. Calls `left` when no code of the plugin runs for it any more. */
  onAdoptedReturn(run: NativeRun, frame: ReplyFrame, status: number, left: () => void): void {
    this.#leave(run, this.read(frame, status));
    this.options.errands.beforeNext(left);
  }

  takeBack(invocation: NativeInvocation): void {
    const { run } = invocation;
    if (run?.takeBack() !== true) return;
    if (run.frame !== undefined) this.options.frames.giveBack(run.frame);
    run.frame = undefined;
    invocation.takenBack();
  }

  /** Wakes native code that may be waiting. */
  cancel(invocation: NativeInvocation): void {
    const { run } = invocation;
    if (run === undefined) return;
    this.takeBack(invocation);
    run.signals.cancelNow();
    if (!invocation.began) {
      invocation.over();
      return;
    }
    this.options.errands.wake(run.capability, invocation.id);
    if (invocation.inside) this.#abandoned.add(invocation);
    // A plugin may well never complete what was cancelled.
    else if (!invocation.wantsReturn) invocation.over();
  }

  onAnswered({ inside, run }: NativeInvocation): void {
    if (inside) run?.signals.cancelNow();
    else run?.signals.free();
  }

  setRoom({ run }: NativeInvocation, hasRoom: boolean): void {
    run?.signals.setRoom(hasRoom);
  }

  /** A completion has come (rule 15): perhaps while `invoke` is still to return PENDING, perhaps too late for an answer. */
  complete(invocation: NativeInvocation, answer: FinalAnswer): void {
    const { run } = invocation;
    if (invocation.inside && run !== undefined) {
      run.parked = answer;
      return;
    }
    answerWith(invocation, answer);
    invocation.over();
  }

  /** Resolves when nothing of the plugin runs beside its queue. */
  async idle(): Promise<void> {
    await this.options.inlineQueue.empty();
    await new Promise<void>((resolve) => this.options.errands.whenDone(resolve));
  }

  /** What native code left in `frame`. */
  read(frame: ReplyFrame, status: number): Answer {
    return readReplySafely(frame, status, this.maxInputBytes, this.options.errands.release);
  }

  /** A thread takes it. Returns `undefined` if it has ended instead. */
  prepare(run: NativeRun): NativeCall | undefined {
    const frame = this.#prepare(run);
    if (frame === undefined) return undefined;
    run.frame = frame;
    const { capability } = run;
    const { request, reply } = frame;
    return { prototype: 'call', at: capability.invokeAt, args: [capability.data, request, reply], reply };
  }

  /** The call of a thread has returned. */
  onReturn(run: NativeRun, status: number, left: () => void): void {
    const { frame } = run;
    if (frame !== undefined) this.#onReturn(run, frame, status);
    run.frame = undefined;
    this.options.errands.beforeNext(left);
  }

  #runInline(run: NativeRun): void {
    const frame = this.#prepare(run);
    if (frame === undefined) return;
    const { capability } = run;
    const status = capability.invoke(capability.data, frame.request, frame.reply);
    restoreFloatingPoint();
    this.#onReturn(run, frame, status);
  }

  #onReturn(run: NativeRun, frame: CallFrame, status: number): void {
    const answer = this.read(frame, status);
    this.options.frames.giveBack(frame);
    this.#leave(run, answer);
  }

  /** Returns `undefined` if there is no memory for the input, or it is not text: then the invocation has failed. */
  #prepare({ invocation, method, input, signals }: NativeRun): CallFrame | undefined {
    const { frames } = this.options;
    const frame = frames.take();
    const parent = invocation.parent instanceof Invocation ? invocation.parent.id : 0;
    try {
      frame.prepareRequest(method, input, invocation.id, parent, signals, contextJson(invocation.context));
    } catch (cause) {
      frames.giveBack(frame);
      invocation.fail(invalidParameters(invocation.callee, { expected: 'text that memory has room for', found: messageOf(cause) }, cause));
      invocation.over();
      return undefined;
    }
    invocation.enter();
    return frame;
  }

  /** `invoke` has returned `answer`. */
  #leave(run: NativeRun, answer: Answer): void {
    const { invocation } = run;
    const { record } = this.options;
    if (run.parked !== undefined && answer.kind !== 'pending') record.add('active', `${invocation.callee.capability} completed and answered as well (rule 15)`);
    const final = run.parked ?? (answer.kind === 'pending' ? undefined : answer);
    if (invocation.isAnswered) {
      this.#abandoned.onReturn(invocation);
      run.signals.free();
    }
    if (answer.kind === 'pending') {
      invocation.pending();
      invocation.keepAlive(); // up to here the running call has done so
    } else invocation.inside = false;
    if (final !== undefined) answerWith(invocation, final);
    if (final !== undefined || (invocation.isAnswered && !invocation.wantsReturn)) invocation.over();
  }
}
