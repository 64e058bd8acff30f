import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { writeFrames } from './write-frames.js';

/** Writes the frames of one turn of the event loop in one system call, in order. */
export class TurnWriter {
  #frames: Buffer[] = [];

  constructor(private readonly socket: Socket) {}

  /** Writes the frame when the code that runs now has ended, with others that follow until then. */
  later(frame: Buffer): void {
    if (this.#frames.push(frame) === 1) process.nextTick(this.#write);
  }

  /** Writes the frame, and those that wait, before this returns, as far as the operating system has room. */
  now(frame: Buffer, onWritten?: () => void): void {
    this.#frames.push(frame);
    this.#flush(onWritten);
  }

  readonly #write = (): void => this.#flush();

  #flush(onWritten?: () => void): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    writeFrames(this.socket, frames, onWritten);
  }
}
