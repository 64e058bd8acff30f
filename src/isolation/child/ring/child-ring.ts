import { CAPABILITY_KINDS } from '../../../abi/constants.js';
import { KINDS } from '../../../capability/kinds/index.js';
import { Block, methodAddress, setWordAt, type SignalWords } from '../../../library/index.js';
import type { NativeCapability } from '../../../native/native-capability.js';
import type { OutsideCalls } from '../../../native/outside-calls.js';
import { monotonicNow, setTimeout } from '../../../machine/node-timers.js';
import { Runner } from '../../../native/runners/runner.js';
import type { RunnerThread } from '../../../native/runners/thread.js';
import { MAX_CAPABILITIES, MAX_METHODS, SLOT, SLOTS, SlotState, W, slotAt } from '../../wire/slot-layout.js';
import { HANDED, ROW } from './own-words.js';
import type { ChildSlots, SlotCall } from './child-slots.js';
import { ReturnedFrame } from './returned-frame.js';
import type { SlotLink } from './slot-link.js';

/** How long the main thread goes on helping after something waited. */
const HELP_MS = 50;

/** By `methodNumber`. */
const METHODS = CAPABILITY_KINDS.flatMap((kind) => Array.from({ length: MAX_METHODS }, (_, index) => KINDS[kind].methods[index]));

/** Puts an answer into the slot of a call. Returns false if there is no room. */
export type SlotAnswer = (status: number, text: string) => boolean;

/** The plugin whose calls come to the slots. */
export interface RingPlugin {
  /** Runs a call on other threads. `answer` puts a short answer into its slot. */
  invoke(call: SlotCall, input: string, answer: SlotAnswer): void;
  /** A call runs that must become known. */
  adopt(call: SlotCall, signals: SignalWords): void;
  onAdoptedReturn(id: number, frame: ReturnedFrame, status: number, left: () => void): void;
}

/** The child's end of the channel for calls: the thread that takes calls out of slots, and what the main thread does about them. */
export class ChildRing implements OutsideCalls {
  readonly #slots: ChildSlots;
  readonly #own = new SharedArrayBuffer((HANDED.words + MAX_CAPABILITIES * ROW.words) * 4);
  #runner: Runner | undefined;
  #plugin: RingPlugin | undefined;
  /** The slots of adopted calls that have not returned. */
  readonly #adopted = new Set<number>();
  #onSettled: (() => void)[] = [];
  /** Per ring. */
  readonly #helpUntil = [0, 0];
  readonly #isHelping = [false, false];

  constructor(private readonly link: SlotLink) {
    this.#slots = link.slots;
  }

  /** Starts the thread, or gives its program to one that has been started. Resolves with true once it is up, with false if it cannot be. `onLost`: it has ended later. */
  start(onLost: () => void, thread?: RunnerThread): Promise<boolean> {
    return new Promise((resolve) => {
      let isUp = false;
      const onUp = (): void => {
        isUp = true;
        resolve(true);
      };
      const onEnd = (): void => {
        if (isUp) onLost();
        else resolve(false);
      };
      try {
        this.#runner = this.#makeRunner(onUp, onEnd, thread);
        this.#runner.keepAlive();
      } catch {
        resolve(false); // no permission for threads, or no koffi for them
      }
    });
  }

  #makeRunner(onUp: () => void, onLost: () => void, thread?: RunnerThread): Runner {
    const methods = METHODS.map((method) => (method === undefined ? 0 : methodAddress(method)));
    const data = { ...this.link.data, address: this.#slots.memory.address, own: this.#own, methods };
    return new Runner({ onUp, onLost }, { program: this.link.program, data, wake: () => this.link.wake(), onMessage: () => this.#takeHanded() }, thread);
  }

  readonly threads: OutsideCalls['threads'] = {
    borrow: () => this.#runner,
    giveBack: () => undefined,
    leaveLine: () => undefined,
    isToBeReturned: () => false,
    isWanted: false,
  };

  /** From now on calls of these capabilities may come. */
  open(plugin: RingPlugin, capabilities: readonly NativeCapability[], maxPayloadBytes: number): void {
    this.#plugin = plugin;
    const words = new Uint32Array(this.#own);
    words[HANDED.limit] = Math.min(maxPayloadBytes, 0xffff_ffff);
    for (const [i, { invokeAt, data }] of capabilities.slice(0, MAX_CAPABILITIES).entries()) {
      const row = HANDED.words + i * ROW.words;
      setWordAt(words, row + ROW.invoke, invokeAt);
      words[row + ROW.data] = Number(BigInt(data) & 0xffff_ffffn);
      words[row + ROW.data + 1] = Number(BigInt(data) >> 32n);
    }
  }

  /** A message has been sent to the host. It reads it before it looks at what returns later. */
  countSent(): void {
    Atomics.add(this.#slots.words, W.sent, 1);
  }

  /** How much memory must not be put down to the plugin. */
  get sharedBytes(): number {
    return this.link.sharedBytes;
  }

  /**
   * Runs what waits in a ring on other threads, and what is put into it shortly after: a host that waits for an answer on its thread
   * cannot ask again.
   */
  help(ring: number): void {
    const now = monotonicNow();
    this.link.standIn();
    if (this.#helpWith(ring)) this.#helpUntil[ring] = now + HELP_MS;
    if (this.#isHelping[ring] === true || now >= this.#helpUntil[ring]!) return;
    this.#isHelping[ring] = true;
    setTimeout(() => {
      this.#isHelping[ring] = false;
      this.help(ring);
    }, 1).unref();
  }

  /** Returns whether anything waited. */
  #helpWith(ring: number): boolean {
    let count = 0;
    for (let slot = this.link.takeFrom(ring); slot !== undefined; slot = this.link.takeFrom(ring)) {
      count++;
      this.#run(slot);
    }
    return count > 0;
  }

  /** Runs on other threads what has been taken out of its ring. */
  #run(slot: number): void {
    if (!this.#claim(slot)) {
      this.link.onTakenBack(slot);
      return;
    }
    const answer: SlotAnswer = (status, text) => this.link.answer(slot, status, text);
    this.#plugin?.invoke(this.#slots.callIn(slot), this.#slots.inputIn(slotAt(slot)), answer);
  }

  /** Returns false if it has begun, or was taken back. */
  #claim(slot: number): boolean {
    return Atomics.compareExchange(this.#slots.words, slotAt(slot) + SLOT.state, SlotState.queued, SlotState.adopted) === SlotState.queued;
  }

  /** Takes back the call of an invocation. Returns it, or `undefined` if it has begun, or is not known. */
  takeBack(id: number): SlotCall | undefined {
    const slot = this.link.take(id);
    return slot !== undefined && this.#claim(slot) ? this.#slots.callIn(slot) : undefined;
  }

  adopt(id: number): void {
    for (let slot = 0; slot < SLOTS; slot++) if (this.#slots.idIn(slot) === id && this.#adoptSlot(slot)) return;
  }

  async settle(): Promise<void> {
    for (let slot = 0; slot < SLOTS; slot++) this.#adoptSlot(slot);
    if (this.#adopted.size > 0) await new Promise<void>((resolve) => this.#onSettled.push(resolve));
  }

  /** Returns false if it does not run, or has been adopted. */
  #adoptSlot(slot: number): boolean {
    const at = slotAt(slot);
    if (Atomics.compareExchange(this.#slots.words, at + SLOT.state, SlotState.running, SlotState.adopted) !== SlotState.running) return false;
    this.#adopted.add(slot);
    this.#plugin?.adopt(this.#slots.callIn(slot), this.#slots.signalsOf(at));
    return true;
  }

  #takeHanded(): void {
    const own = new Int32Array(this.#own);
    const slot = own[HANDED.slot]!;
    this.#adoptSlot(slot);
    const at = slotAt(slot);
    const capacity = this.#slots.unsigned[at + SLOT.outputBytes]!;
    const output = new Block(capacity, this.#slots.view(this.#slots.unsigned[at + SLOT.output]!, capacity));
    const frame = new ReturnedFrame(this.#slots.unsigned.subarray(W.frame), output);
    this.#plugin?.onAdoptedReturn(this.#slots.idIn(slot), frame, own[HANDED.status]!, () => {
      frame.clear();
      this.#runner?.resumeOther();
      this.#adopted.delete(slot);
      if (this.#adopted.size === 0) for (const resolve of this.#onSettled.splice(0)) resolve();
    });
  }
}
