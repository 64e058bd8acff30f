import { TokenBucket } from '../../options/token-bucket.js';
import type { ChildMessage } from '../wire/messages.js';

/** Messages that answer the host, and those that have limits of their own. A child can send any number of the others. */
const LIMITED_ELSEWHERE: ReadonlySet<ChildMessage['type']> = new Set(['loaded', 'done', 'failed', 'pending', 'result', 'failure', 'returned', 'chunk', 'call', 'fatal', 'notNode']);
const PER_SECOND = 20_000;
const BURST = 100_000;
const KIB = 1024;

/** Limits the messages that a child sends unasked. Each KiB of payload counts as one more message. */
export class FloodLimit {
  readonly #bucket = new TokenBucket(PER_SECOND, BURST);

  /** Returns what is wrong if there were too many. Messages that nobody needs count too, because reading them takes time. */
  take(type: ChildMessage['type'], payloadBytes: number): string | undefined {
    if (LIMITED_ELSEWHERE.has(type) || this.#bucket.spend(1 + Math.floor(payloadBytes / KIB))) return undefined;
    return `more than ${PER_SECOND} messages or KiB a second that nobody asked for`;
  }
}
