import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { ChannelCall } from '../call-channel.js';
import { SLOT, SlotFlag } from '../slot-layout.js';
import { CALL, CALL_HEADER_BYTES, INLINE_FLAG, callBytes, paddedTo4 } from './layout.js';

const INITIAL_BYTES = 128 << 10;
/** A buffer that is larger than this is replaced by a small one once its content is written. */
const MAX_KEPT_BYTES = 1 << 20;

type Then = () => void;

/** Sends calls through a socket: those of one turn of the event loop in one system call. */
export class CallWriter {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #words = new Int32Array(this.#buffer.buffer);
  #length = 0;
  #unfinished = 0;
  /** What waits for the last write that has begun, and for the next one. */
  #afterLast: Then[] = [];
  #afterNext: Then[] = [];

  constructor(private readonly socket: Socket) {}

  /** Whether bytes wait until the child reads. */
  get isBlocked(): boolean {
    return this.#unfinished > 0;
  }

  put(slot: number, call: ChannelCall): void {
    const at = this.#length;
    const { input, context = '' } = call;
    this.#makeRoom(at + CALL_HEADER_BYTES + paddedTo4((input.length + context.length) * 3 + 1));
    const begin = at + CALL_HEADER_BYTES;
    const inputBytes = this.#buffer.write(input, begin);
    const contextBytes = context === '' ? 0 : this.#writeContext(context, begin + inputBytes);
    const words = this.#words;
    const header = at >> 2;
    words[header + SLOT.id] = call.id;
    words[header + SLOT.id + 1] = call.id / 0x1_0000_0000;
    words[header + SLOT.capability] = call.capability;
    words[header + SLOT.method] = call.method;
    words[header + SLOT.flags] = (call.chunks ? SlotFlag.chunks : 0) | (call.drain ? SlotFlag.drain : 0) | (call.isInline ? INLINE_FLAG : 0);
    words[header + SLOT.chainLength] = call.chainLength;
    words[header + CALL.slot] = slot;
    words[header + SLOT.inputBytes] = inputBytes;
    words[header + CALL.contextBytes] = contextBytes;
    this.#length = begin + paddedTo4(callBytes(inputBytes, contextBytes));
    if (at === 0) process.nextTick(this.#write);
  }

  /** Calls `then` once the operating system has accepted all that was put so far. */
  whenSent(then: Then): void {
    if (this.#length > 0) this.#afterNext.push(then);
    else if (this.#unfinished > 0) this.#afterLast.push(then);
    else then();
  }

  readonly #write = (): void => {
    const after = (this.#afterLast = this.#afterNext);
    this.#afterNext = [];
    this.#unfinished++;
    // A copy, because the socket may keep it.
    const frames = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    if (this.#buffer.length > MAX_KEPT_BYTES) this.#use(INITIAL_BYTES);
    this.socket.write(frames, () => {
      this.#unfinished--;
      for (const then of after) then();
    });
  };

  #writeContext(context: string, at: number): number {
    this.#buffer[at] = 0;
    return this.#buffer.write(context, at + 1);
  }

  #makeRoom(needed: number): void {
    if (needed <= this.#buffer.length) return;
    const old = this.#buffer;
    this.#use(Math.max(needed, 2 * old.length));
    old.copy(this.#buffer, 0, 0, this.#length);
  }

  #use(size: number): void {
    this.#buffer = Buffer.allocUnsafeSlow(paddedTo4(size));
    this.#words = new Int32Array(this.#buffer.buffer);
  }
}
