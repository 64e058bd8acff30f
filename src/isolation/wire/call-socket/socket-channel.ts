import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { Block } from '../../../library/index.js';
import { SecondLook } from '../../../options/second-look.js';
import type { CallChannel, ChannelCall, ChannelEvents, ChannelReply, OnReturn } from '../call-channel.js';
import { OpenSlots } from '../open-slots.js';
import { AREA_BYTES, DONE_WORDS, Ring, SLOTS } from '../slot-layout.js';
import { AnswerReader, type AnswerHeader } from './answer-reader.js';
import { CallWriter } from './call-writer.js';
import { AnswerKind, answerBytes, fitsSlot } from './layout.js';
import { StallWatch } from './stall-watch.js';

/** Invocations through a socket that has no other use: to the slots of the child, and from them. */
export class SocketChannel implements CallChannel {
  readonly transport = 'socket';
  isThreadSafe = false;
  readonly #slots = new OpenSlots({
    answer: (slot, onReturn) => onReturn(this.#kept.get(slot) ?? this.#arrived!),
    keep: (slot) => void this.#kept.set(slot, copyOf(this.#arrived!)),
    recycle: (slot) => void this.#kept.delete(slot),
  });
  readonly #writer: CallWriter;
  readonly #stalls: StallWatch;
  readonly #secondLook: SecondLook;
  #returned = 0;
  /** The text of the answer that is handled. */
  readonly #text = new Block(AREA_BYTES);
  #arrived: ChannelReply | undefined;
  /** Answers that wait for a message: at most one for each slot. */
  readonly #kept = new Map<number, ChannelReply>();
  /** One bit for each slot whose last call was INLINE. */
  readonly #inline = new Int32Array(DONE_WORDS);
  /** Odd while the child's thread gives memory back to the plugin. */
  #releases = 0;
  #isClosed = false;

  constructor(
    private readonly socket: Socket,
    private readonly events: ChannelEvents,
  ) {
    this.#writer = new CallWriter(socket);
    this.#stalls = new StallWatch({
      isWaiting: () => this.#slots.inFlight > 1 || this.#hasInline(),
      isBlocked: () => this.#writer.isBlocked,
      onStall: () => this.#askForHelp(),
    });
    this.#secondLook = new SecondLook({
      isWaiting: () => this.#slots.inFlight > 0,
      progress: () => this.#returned,
      problem: () => undefined, // only the child could tell
      recover: () => this.#askForHelp(),
      onLost: events.onLostWakeUp,
    });
    const reader = new AnswerReader((header, from, at) => this.#take(header, from, at));
    socket.on('data', (bytes: Buffer) => reader.push(bytes));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => {
      if (!this.#isClosed) events.onClose();
    });
  }

  fits(capability: number, length: number): boolean {
    return fitsSlot(capability, length);
  }

  publish(call: ChannelCall, onReturn: OnReturn): number | undefined {
    const slot = this.#slots.take();
    if (slot === undefined) return undefined;
    this.#slots.open(slot, onReturn, false);
    const bit = 1 << (slot & 31);
    if (call.isInline) this.#inline[slot >> 5]! |= bit;
    else this.#inline[slot >> 5]! &= ~bit;
    this.#writer.put(slot, call);
    this.#stalls.onSent();
    this.#secondLook.begin();
    return slot;
  }

  takeBack(): boolean {
    return false;
  }

  cancel(_slot: number, tellChild: () => void): void {
    this.#writer.whenSent(tellChild);
  }

  leave(slot: number): void {
    this.#slots.leave(slot);
  }

  free(slot: number): void {
    this.#slots.free(slot);
  }

  expect(): void {
    // The room for an answer is the same for each call.
  }

  watchRelease(): (() => boolean) | undefined {
    const seen = this.#releases;
    return (seen & 1) === 0 ? undefined : () => this.#releases === seen;
  }

  onMessage(): void {
    this.#slots.onMessage();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stalls.close();
    this.#secondLook.end();
    this.socket.destroy();
    this.#slots.answerDeferred();
  }

  /** Returns whether to go on reading. */
  #take(header: AnswerHeader, from: Buffer, at: number): boolean {
    const problem = this.#isClosed ? undefined : this.#takeAnswer(header, from, at);
    if (problem !== undefined) this.events.onBroken(problem);
    return !this.#isClosed;
  }

  /** Returns what is wrong with it, if anything. */
  #takeAnswer({ slot, kind, status, format, length, sent }: AnswerHeader, from: Buffer, at: number): string | undefined {
    if (kind === AnswerKind.released) return this.#onReleased();
    if (kind > AnswerKind.owned) return `an answer of kind ${kind}`;
    if (slot >= SLOTS || !this.#slots.isOpen(slot)) return `an answer of slot ${slot}, which is not open`;
    const isOwned = kind === AnswerKind.owned;
    if (isOwned && (this.#releases & 1) === 1) return 'two answers in memory that the plugin gets back at the same time';
    if (isOwned) this.#releases++;
    from.copy(this.#text.bytes, 0, at, at + answerBytes(length));
    this.#arrived = { status, format, length, block: this.#text, capacity: AREA_BYTES, isOwned };
    this.#returned++;
    this.#slots.close([slot]);
    this.#slots.onReturned(slot, sent);
    this.#stalls.onReturned();
    return undefined;
  }

  #onReleased(): string | undefined {
    if ((this.#releases & 1) === 0) return 'that memory was given back twice';
    this.#releases++;
    return undefined;
  }

  #hasInline(): boolean {
    const { bits } = this.#slots;
    for (let i = 0; i < DONE_WORDS; i++) if ((bits[i]! & this.#inline[i]!) !== 0) return true;
    return false;
  }

  #askForHelp(): void {
    this.events.onStall(Ring.inline);
    if (this.isThreadSafe) this.events.onStall(Ring.plain);
  }
}

function copyOf(reply: ChannelReply): ChannelReply {
  const block = new Block(Math.max(8, answerBytes(reply.length)));
  reply.block.bytes.copy(block.bytes, 0, 0, answerBytes(reply.length));
  return { ...reply, block };
}
