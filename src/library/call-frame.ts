import { Buffer } from 'node:buffer';
import { TextEncoder } from 'node:util';
import { Format } from '../abi/constants.js';
import { LAYOUTS } from '../abi/layouts.js';
import { methodAddress } from './method-address.js';
import { Block, NULL, opaqueAt, setWordAt, wordAt, type Address, type Opaque } from './memory.js';
import type { SignalWords } from './signal-words.js';

const REQUEST = LAYOUTS.aisopod_request;
const REPLY = LAYOUTS.aisopod_reply;
/** Indices, in 4-byte words, of the struct members that a call uses, in the block that holds request and reply. */
const word = (base: number, offset: number): number => (base + offset) / 4;
const REPLY_AT = REQUEST.size;
export const FRAME_BYTES = REQUEST.size + REPLY.size;
export const REPLY_OFFSET = REPLY_AT;
export const FRAME = {
  method: word(0, REQUEST.members.method.offset),
  input: word(0, REQUEST.members.input.offset),
  inputLength: word(0, REQUEST.members.input_length.offset),
  invocation: word(0, REQUEST.members.invocation.offset),
  parent: word(0, REQUEST.members.parent.offset),
  cancel: word(0, REQUEST.members.cancel.offset),
  room: word(0, REQUEST.members.room.offset),
  epoch: word(0, REQUEST.members.cancel_epoch.offset),
  context: word(0, REQUEST.members.context.offset),
  contextLength: word(0, REQUEST.members.context_length.offset),
  replyFormat: word(REPLY_AT, REPLY.members.format.offset),
  buffer: word(REPLY_AT, REPLY.members.buffer.offset),
  capacity: word(REPLY_AT, REPLY.members.capacity.offset),
  length: word(REPLY_AT, REPLY.members.length.offset),
  owned: word(REPLY_AT, REPLY.members.owned.offset),
  release: word(REPLY_AT, REPLY.members.release.offset),
  releaseArgument: word(REPLY_AT, REPLY.members.release_argument.offset),
} as const;

const INITIAL_INPUT = 4096;
/** A NUL follows the input, so that a plugin which wrongly expects one does not read on into an earlier input. */
const TERMINATOR = 1;
/** The header promises 4096 bytes. With more, fewer plugins need to allocate memory of their own. */
const INITIAL_OUTPUT = 65_536;
/** Largest buffer that a frame keeps. A larger payload gets a buffer for one call only. */
const MAX_KEPT_BYTES = 4 << 20;

/** Up to this many bytes, a loop is faster than a call into Node. */
const SHORT_BYTES = 256;

const encoder = new TextEncoder();

/** A reply as the plugin left it, unchecked, in the words of a frame. */
export class ReplyWords {
  constructor(protected readonly words: Uint32Array) {}

  get replyLength(): number {
    return wordAt(this.words, FRAME.length);
  }
  get replyFormat(): number {
    return this.words[FRAME.replyFormat] ?? 0;
  }
  get owned(): Address {
    return wordAt(this.words, FRAME.owned) as Address;
  }
  get release(): Address {
    return wordAt(this.words, FRAME.release) as Address;
  }
  get releaseArgument(): Opaque {
    return opaqueAt(this.words, FRAME.releaseArgument);
  }
}

/** A reply, and the buffer that was lent for it. */
export interface ReplyFrame extends ReplyWords {
  readonly output: Block;
  /** Enlarges the lent buffer after a reply in memory of the plugin's own, so that the next reply fits. */
  growOutput(needed: number): void;
}

/**
 * The memory of one native call: request, reply, input and lent buffer. Filled as 32-bit words, which is five times faster
 * than koffi's struct encoding. The caller keeps the frame until native code has returned (rule 14).
 */
export class CallFrame extends ReplyWords implements ReplyFrame {
  readonly request: Address;
  readonly reply: Address;
  #method = '';
  #input: Block;
  output: Block;
  /** Allocated for the first call with a context. */
  #context: Block | undefined;
  #hasContext = false;

  constructor() {
    const { address, words } = new Block(FRAME_BYTES);
    super(words);
    this.request = address;
    this.reply = (address + REPLY_AT) as Address;
    words[0] = REQUEST.size;
    words[1] = Format.JSON;
    words[REPLY_AT / 4] = REPLY.size;
    this.#input = this.#setInput(INITIAL_INPUT);
    this.output = this.#setOutput(INITIAL_OUTPUT);
  }

  /** Resets the reply: length 0, nothing owned. Calls that take only a reply need no more. */
  prepareReply(): void {
    const words = this.words;
    words[FRAME.replyFormat] = Format.JSON;
    words[FRAME.length] = words[FRAME.length + 1] = 0;
    words[FRAME.owned] = words[FRAME.owned + 1] = 0;
    words[FRAME.release] = words[FRAME.release + 1] = 0;
    words[FRAME.releaseArgument] = words[FRAME.releaseArgument + 1] = 0;
  }

  /** `context` is JSON text. */
  prepareRequest(method: string, input: string, invocation: number, parent: number, signals: SignalWords, context?: string): void {
    this.prepareReply();
    const words = this.words;
    if (method !== this.#method) setWordAt(words, FRAME.method, methodAddress((this.#method = method)));
    setWordAt(words, FRAME.inputLength, this.#writeInput(input));
    setWordAt(words, FRAME.invocation, invocation);
    setWordAt(words, FRAME.parent, parent);
    setWordAt(words, FRAME.cancel, signals.cancel);
    setWordAt(words, FRAME.room, signals.room);
    words[FRAME.epoch] = signals.epoch;
    if (context !== undefined || this.#hasContext) this.#setContext(context);
  }

  /** Clears what the plugin wrote into the lent buffer, so that a later reply with a wrong length cannot expose it. */
  clearOutput(): void {
    clearUsed(this.output, this.replyLength);
  }

  growOutput(needed: number): void {
    if (needed > this.output.length && needed <= MAX_KEPT_BYTES) this.output = this.#setOutput(roundUp(needed));
  }

  /** Frees the buffer of a very large input. */
  trim(): void {
    if (this.#input.length > MAX_KEPT_BYTES) this.#input = this.#setInput(INITIAL_INPUT);
  }

  #setContext(context: string | undefined): void {
    this.#hasContext = context !== undefined;
    setWordAt(this.words, FRAME.contextLength, context === undefined ? 0 : Buffer.byteLength(context));
    setWordAt(this.words, FRAME.context, context === undefined ? NULL : this.#writeContext(context));
  }

  #writeContext(context: string): Address {
    const needed = Buffer.byteLength(context) + TERMINATOR;
    if (this.#context === undefined || this.#context.length < needed) this.#context = new Block(roundUp(needed));
    const { bytes, address } = this.#context;
    bytes[bytes.write(context)] = 0;
    return address;
  }

  #writeInput(input: string): number {
    // Most inputs fit. Counting the bytes first would cost as much as writing them.
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
    setWordAt(this.words, FRAME.input, block.address);
    return block;
  }

  #setOutput(length: number): Block {
    const block = new Block(length);
    setWordAt(this.words, FRAME.buffer, block.address);
    setWordAt(this.words, FRAME.capacity, block.length);
    return block;
  }
}

/** Clears the `used` bytes that a plugin says it wrote to a lent buffer. */
export function clearUsed({ words, length }: Block, reported: number): void {
  const used = Math.min(reported, length);
  const last = used >> 2;
  // A plugin that writes more bytes than it reports usually writes the byte just after them. Only then clear everything.
  const rest = (words[last] ?? 0) >>> ((used & 3) * 8);
  const wroteMore = rest !== 0 || (words[last + 1] ?? 0) !== 0;
  if (wroteMore) words.fill(0);
  else if (used > SHORT_BYTES) words.fill(0, 0, last + 1);
  else for (let i = 0; i <= last; i++) words[i] = 0;
}

const roundUp = (bytes: number): number => 2 ** Math.ceil(Math.log2(bytes));
