import { Buffer } from 'node:buffer';
import { AREA_BYTES } from '../slot-layout.js';
import { ANSWER, ANSWER_HEADER_BYTES, answerBytes, paddedTo4 } from './layout.js';

/** The header of an answer: as the child sent it, not checked. */
export interface AnswerHeader {
  readonly slot: number;
  readonly kind: number;
  readonly status: number;
  readonly format: number;
  readonly length: number;
  readonly sent: number;
}

/** Takes an answer, whose text is in `from` at `at`. Returns whether to go on reading. */
type TakeAnswer = (header: AnswerHeader, from: Buffer, at: number) => boolean;

const MAX_FRAME_BYTES = ANSWER_HEADER_BYTES + AREA_BYTES;

/** Splits what a child sends through the socket for calls into answers. Keeps less than one of them. */
export class AnswerReader {
  readonly #begun = Buffer.allocUnsafeSlow(MAX_FRAME_BYTES);
  #length = 0;

  constructor(private readonly take: TakeAnswer) {}

  push(bytes: Buffer): void {
    let at = this.#complete(bytes);
    for (;;) {
      const size = bytes.length - at < ANSWER_HEADER_BYTES ? Infinity : sizeAt(bytes, at);
      if (size > bytes.length - at) break;
      if (!this.#takeAt(bytes, at)) return;
      at += size;
    }
    if (at < bytes.length) this.#length += bytes.copy(this.#begun, this.#length, at);
  }

  /** Completes an answer that has begun. Returns how many bytes that took. */
  #complete(bytes: Buffer): number {
    let at = 0;
    while (this.#length > 0) {
      const size = this.#length < ANSWER_HEADER_BYTES ? ANSWER_HEADER_BYTES : sizeAt(this.#begun, 0);
      const copied = bytes.copy(this.#begun, this.#length, at, at + size - this.#length);
      at += copied;
      this.#length += copied;
      if (this.#length < size) return at;
      if (this.#length < sizeAt(this.#begun, 0)) continue; // so far it is the header
      this.#length = 0;
      if (!this.#takeAt(this.#begun, 0)) return bytes.length;
    }
    return at;
  }

  #takeAt(from: Buffer, at: number): boolean {
    const word = (index: number): number => from.readInt32LE(at + index * 4);
    const slot = word(ANSWER.slot);
    const header = { slot: slot & 0xffff, kind: slot >>> 16, status: word(ANSWER.status), format: word(ANSWER.format) >>> 0, length: word(ANSWER.length) >>> 0, sent: word(ANSWER.sent) };
    return this.take(header, from, at + ANSWER_HEADER_BYTES);
  }
}

const sizeAt = (from: Buffer, at: number): number => ANSWER_HEADER_BYTES + paddedTo4(answerBytes(from.readUInt32LE(at + ANSWER.length * 4)));
