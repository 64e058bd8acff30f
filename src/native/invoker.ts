import { Status } from '../abi/status.js';
import { labelOf } from '../capability/descriptor.js';
import type { Backend, Chunk, InvocationParent, InvokeOptions } from '../invocation/backend.js';
import { nestsTooDeep } from '../invocation/call-chain.js';
import type { Callee } from '../invocation/callee.js';
import { nextInvocationId } from '../invocation/invocation.js';
import { Invoker } from '../invocation/invoker.js';
import { restoreFloatingPoint } from '../library/floating-point.js';
import type { ReplyFrame } from '../library/call-frame.js';
import { takeSignalWords, type SignalWords } from '../library/signal-words.js';
import { errorOf } from './answer.js';
import type { Errands } from './errands.js';
import type { NativeCapability } from './native-capability.js';
import { NativeDriver, type NativeDriverOptions } from './native-driver.js';
import type { FinalAnswer, NativeInvocation, NativeRun } from './native-run.js';
import type { OutsideCalls } from './outside-calls.js';

/** Shared by all synchronous calls. They cannot be cancelled, because nothing else runs on this thread meanwhile. */
const inlineSignals = takeSignalWords();

/** The invocations of one native plugin: those that the host makes, and what the plugin reports about them. */
export class NativeInvoker {
  readonly #driver: NativeDriver;
  readonly #invoker: Invoker<NativeCapability, NativeRun>;
  #inlineId = 0;
  /** Set when the plugin has been shut down or has failed: none of its functions is called after that. */
  isShutDown = false;

  constructor(
    private readonly pluginId: string,
    private readonly options: NativeDriverOptions & { readonly outside?: OutsideCalls | undefined },
  ) {
    this.#driver = new NativeDriver(options);
    this.#invoker = new Invoker(this.#driver);
  }

  /** Makes the backend of a capability. */
  backendOf(capability: NativeCapability): Backend {
    const callee: Callee = { pluginId: this.pluginId, capability: labelOf(capability.descriptor) };
    return this.#invoker.backendOf(callee, capability, {
      isInline: capability.isInline,
      invokeSync: this.#driver.runsHere(capability) ? (method, input) => this.#invokeSync(callee, capability, method, input) : undefined,
    });
  }

  /** Where invocation `id` came from, until its caller has been told how it ended. */
  originOf(id: number): InvocationParent | undefined {
    return this.#find(id)?.parent ?? this.#invoker.getOpen(id)?.parent;
  }

  /** See OutsideCalls. Resolves with its answer. */
  adopt(capability: NativeCapability, method: string, options: InvokeOptions, signals: SignalWords): Promise<string> {
    const callee: Callee = { pluginId: this.pluginId, capability: labelOf(capability.descriptor) };
    return this.#invoker.adopt(callee, options, (invocation) => this.#driver.adopt(invocation, capability, method, signals));
  }

  /** An adopted call has returned. Calls `left` when no code of the plugin runs for it any more. */
  onAdoptedReturn(id: number, frame: ReplyFrame, status: number, left: () => void): void {
    const run = this.#invoker.get(id)?.run;
    if (run !== undefined) this.#driver.onAdoptedReturn(run, frame, status, left);
    else {
      this.#driver.read(frame, status); // which releases what the plugin owns
      this.options.errands.beforeNext(left);
    }
  }

  /** Resolves when no invocation is open. */
  whenIdle(): Promise<void> {
    return this.#invoker.whenIdle();
  }

  open(): void {
    this.#invoker.open();
  }

  /** Refuses new invocations and cancels the open ones (rule 10). Native code that checks its cancel word returns. */
  close(state: string): void {
    this.#invoker.close(state);
  }

  /** Names of the capabilities that still run although they were cancelled. */
  get running(): readonly string[] {
    return this.#driver.running;
  }

  /** Resolves when nothing of the plugin runs beside its queue. */
  idle(): Promise<void> {
    return this.#driver.idle();
  }

  /** Passes the answer of a call to the plugin, unless it has been shut down. */
  reply(...args: Parameters<Errands['reply']>): void {
    if (!this.isShutDown) this.options.errands.reply(...args);
  }

  #invokeSync(callee: Callee, capability: NativeCapability, method: string, input: string): string {
    this.#invoker.admit(callee, input);
    const { frames } = this.options;
    const frame = frames.take();
    const outer = this.#inlineId;
    this.#inlineId = nextInvocationId();
    frame.prepareRequest(method, input, this.#inlineId, 0, inlineSignals);
    const status = capability.invoke(capability.data, frame.request, frame.reply);
    restoreFloatingPoint();
    const answer = this.#driver.read(frame, status);
    this.#inlineId = outer;
    frames.giveBack(frame);
    if (answer.kind === 'ok') return answer.text;
    if (answer.kind !== 'pending') throw errorOf(answer, callee);
    throw errorOf({ kind: 'violation', expected: 'an answer, since the call was synchronous', found: 'PENDING' }, callee);
  }

  // Reports of the plugin about an invocation (rules 15, 16, 18). An id that is not open here is stale.

  admitChunk(id: number): number {
    if (id === this.#inlineId && id !== 0) return Status.OK;
    const invocation = this.#unanswered(id);
    if (invocation === undefined) return Status.STALE;
    return invocation.isFull ? Status.FULL : Status.OK;
  }

  takeChunk(id: number, chunk: Chunk): void {
    this.#find(id)?.chunk(chunk);
  }

  admitCompletion(id: number): number {
    if (this.#unanswered(id) !== undefined) return Status.OK;
    const late = this.#find(id);
    if (late?.isAnswered === true) this.#driver.complete(late, { kind: 'ok', text: '' });
    return Status.STALE;
  }

  takeCompletion(id: number, answer: FinalAnswer): void {
    const invocation = this.#find(id);
    if (invocation !== undefined) this.#driver.complete(invocation, answer);
  }

  /** The chain that a call on behalf of invocation `id` extends, or the status that refuses the call (rule 12). */
  chainFrom(id: number): Pick<InvokeOptions, 'parent' | 'signal'> | number {
    if (id === 0) return {};
    const parent = this.#find(id);
    if (parent === undefined || parent.isAnswered) return Status.STALE;
    return nestsTooDeep(parent) ? Status.NESTING : { parent, signal: parent.nestedSignal };
  }

  #find(id: number): NativeInvocation | undefined {
    const known = this.#invoker.get(id);
    if (known !== undefined || this.options.outside === undefined) return known;
    this.options.outside.adopt(id);
    return this.#invoker.get(id);
  }

  /** The invocation, if its chunks and its completion are still accepted. */
  #unanswered(id: number): NativeInvocation | undefined {
    const invocation = this.#find(id);
    return invocation === undefined || invocation.isAnswered || invocation.run?.parked !== undefined ? undefined : invocation;
  }
}
