import { Buffer } from 'node:buffer';
import { TextEncoder } from 'node:util';
import { Format } from '../abi/constants.js';
import { LAYOUTS } from '../abi/layouts.js';
import { Block, immortalText, opaqueAt, setWordAt, wordAt, type Address, type Opaque } from './memory.js';
import type { SignalWords } from './signal-words.js';

const REQUEST = LAYOUTS.aisopod_request;
const REPLY = LAYOUTS.aisopod_reply;
/** Word indices (4 bytes each) of what a call writes and reads, in the block that holds request and reply. */
const word = (base: number, offset: number): number => (base + offset) / 4;
const REPLY_AT = REQUEST.size;
const W = {
  method: word(0, REQUEST.members.method.offset),
  input: word(0, REQUEST.members.input.offset),
  inputLength: word(0, REQUEST.members.input_length.offset),
  invocation: word(0, REQUEST.members.invocation.offset),
  parent: word(0, REQUEST.members.parent.offset),
  cancel: word(0, REQUEST.members.cancel.offset),
  room: word(0, REQUEST.members.room.offset),
  epoch: word(0, REQUEST.members.cancel_epoch.offset),
  replyFormat: word(REPLY_AT, REPLY.members.format.offset),
  buffer: word(REPLY_AT, REPLY.members.buffer.offset),
  capacity: word(REPLY_AT, REPLY.members.capacity.offset),
  length: word(REPLY_AT, REPLY.members.length.offset),
  owned: word(REPLY_AT, REPLY.members.owned.offset),
  release: word(REPLY_AT, REPLY.members.release.offset),
  releaseArgument: word(REPLY_AT, REPLY.members.release_argument.offset),
} as const;

const INITIAL_INPUT = 4096;
/** After the input comes a NUL: plugin code that looks for one finds it before the rest of an earlier input. */
const TERMINATOR = 1;
/** The header promises 4096; more spares plugins their own memory. */
const INITIAL_OUTPUT = 65_536;
/** A frame's buffers grow with use, up to here; a larger payload has a buffer of its own for one call. */
const LARGEST_KEPT = 4 << 20;

/** Bytes; up to here a loop clears them quicker than a call does. */
const SHORT = 256;

const encoder = new TextEncoder();

const methods = new Map<string, Address>();

/** Method names are few and constant, so each is written once for the whole process. */
function methodAddress(method: string): Address {
  let address = methods.get(method);
  if (address === undefined) methods.set(method, (address = immortalText(method)));
  return address;
}

/**
 * Memory of one native call: request, reply, input and lent buffer. Filled through 32-bit words, five times quicker
 * than koffi's struct encoding. Whoever calls keeps the frame until native code has returned (rule 14).
 */
export class CallFrame {
  readonly #words: Uint32Array;
  readonly request: Address;
  readonly reply: Address;
  #method = '';
  #input: Block;
  output: Block;

  constructor() {
    const { address, words } = new Block(REQUEST.size + REPLY.size);
    this.#words = words;
    this.request = address;
    this.reply = (address + REPLY_AT) as Address;
    this.#words[0] = REQUEST.size;
    this.#words[1] = Format.JSON;
    this.#words[REPLY_AT / 4] = REPLY.size;
    this.#input = this.#setInput(INITIAL_INPUT);
    this.output = this.#setOutput(INITIAL_OUTPUT);
  }

  /** Makes the reply fresh: no length, nothing owned. Enough for the calls that take a reply alone. */
  prepareReply(): void {
    const words = this.#words;
    words[W.replyFormat] = Format.JSON;
    words[W.length] = words[W.length + 1] = 0;
    words[W.owned] = words[W.owned + 1] = 0;
    words[W.release] = words[W.release + 1] = 0;
    words[W.releaseArgument] = words[W.releaseArgument + 1] = 0;
  }

  prepareRequest(method: string, input: string, invocation: number, parent: number, signals: SignalWords): void {
    this.prepareReply();
    const words = this.#words;
    if (method !== this.#method) setWordAt(words, W.method, methodAddress((this.#method = method)));
    setWordAt(words, W.inputLength, this.#writeInput(input));
    setWordAt(words, W.invocation, invocation);
    setWordAt(words, W.parent, parent);
    setWordAt(words, W.cancel, signals.cancel);
    setWordAt(words, W.room, signals.room);
    words[W.epoch] = signals.epoch;
  }

  /** What the plugin left in the reply, unchecked. */
  get replyLength(): number {
    return wordAt(this.#words, W.length);
  }
  get replyFormat(): number {
    return this.#words[W.replyFormat] ?? 0;
  }
  get owned(): Address {
    return wordAt(this.#words, W.owned) as Address;
  }
  get release(): Address {
    return wordAt(this.#words, W.release) as Address;
  }
  get releaseArgument(): Opaque {
    return opaqueAt(this.#words, W.releaseArgument);
  }

  /** Clears what the plugin wrote into the lent buffer: the next reply must not show it, whatever length it claims. */
  clearOutput(): void {
    const { words, length } = this.output;
    const used = Math.min(this.replyLength, length);
    const last = used >> 2;
    // A plugin that writes more than it then reports mostly goes on right behind that; only then is the whole buffer cleared.
    const rest = (words[last] ?? 0) >>> ((used & 3) * 8);
    const wroteMore = rest !== 0 || (words[last + 1] ?? 0) !== 0;
    if (wroteMore) words.fill(0);
    else if (used > SHORT) words.fill(0, 0, last + 1);
    else for (let i = 0; i <= last; i++) words[i] = 0;
  }

  /** Lends more next time to a plugin that had to bring memory of its own: growing once beats owning each time. */
  growOutput(needed: number): void {
    if (needed > this.output.length && needed <= LARGEST_KEPT) this.output = this.#setOutput(roundUp(needed));
  }

  /** Lets go of what one large call left behind. */
  trim(): void {
    if (this.#input.length > LARGEST_KEPT) this.#input = this.#setInput(INITIAL_INPUT);
  }

  #writeInput(input: string): number {
    // Counting bytes first would cost as much as writing them; most inputs fit.
    const { read, written } = encoder.encodeInto(input, this.#input.bytes);
    if (read === input.length && written < this.#input.length) return this.#endInput(written);
    this.#input = this.#setInput(roundUp(Buffer.byteLength(input) + TERMINATOR));
    return this.#endInput(encoder.encodeInto(input, this.#input.bytes).written);
  }

  #endInput(length: number): number {
    this.#input.bytes[length] = 0;
    return length;
  }

  #setInput(length: number): Block {
    const block = new Block(length);
    setWordAt(this.#words, W.input, block.address);
    return block;
  }

  #setOutput(length: number): Block {
    const block = new Block(length);
    setWordAt(this.#words, W.buffer, block.address);
    setWordAt(this.#words, W.capacity, block.length);
    return block;
  }
}

const roundUp = (bytes: number): number => 2 ** Math.ceil(Math.log2(bytes));

const MOST_IDLE = 8;

/** The frames of one plugin. None is shared with another, which could read there what was left in it. */
export class CallFrames {
  readonly #idle: CallFrame[] = [];

  take(): CallFrame {
    return this.#idle.pop() ?? new CallFrame();
  }

  /** Only once native code has returned and its reply has been read. */
  giveBack(frame: CallFrame): void {
    frame.clearOutput();
    frame.trim();
    if (this.#idle.length < MOST_IDLE) this.#idle.push(frame);
  }
}
