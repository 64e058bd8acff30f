import type { Block} from '../../../library/index.js';
import { ReplyWords, clearUsed, type ReplyFrame } from '../../../library/index.js';

/** What a call from a slot left: its reply, and the buffer that was lent to it. */
export class ReturnedFrame extends ReplyWords implements ReplyFrame {
  constructor(
    words: Uint32Array,
    readonly output: Block,
  ) {
    super(words);
  }

  growOutput(): void {
    // The host decides how much the next call gets.
  }

  /** See CallFrame.clearOutput. */
  clear(): void {
    clearUsed(this.output, this.replyLength);
  }
}
