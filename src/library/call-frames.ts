import { CallFrame } from './call-frame.js';

/** As many as a runner takes ahead. Allocating a frame takes longer than most calls. */
const MAX_IDLE = 64;

/** A pool of frames for one plugin. Plugins share no frames: one could read another's leftover data. */
export class CallFrames {
  readonly #idle: CallFrame[] = [];

  take(): CallFrame {
    return this.#idle.pop() ?? new CallFrame();
  }

  /** Call this only after native code has returned and its reply has been read. */
  giveBack(frame: CallFrame): void {
    frame.clearOutput();
    frame.trim();
    if (this.#idle.length < MAX_IDLE) this.#idle.push(frame);
  }
}
