import { TokenBucket } from '../../options/token-bucket.js';
import type { ChildMessage } from '../wire/messages.js';

/** Messages that answer the host, and those that have limits of their own. Of all others a child decides how many there are. */
const BOUNDED: ReadonlySet<ChildMessage['type']> = new Set(['loaded', 'done', 'failed', 'pending', 'result', 'failure', 'returned', 'chunk', 'call', 'hopeless', 'notNode']);
const PER_SECOND = 20_000;
const AT_ONCE = 100_000;
const KIB = 1024;

/** How much a child may send that nobody asked for. A KiB of payload counts as one message more. */
export class FloodLimit {
  readonly #bucket = new TokenBucket(PER_SECOND, AT_ONCE);

  /** Returns what is wrong, if there was too much. What counts is what it costs to read it, also where nobody wants it. */
  take(type: ChildMessage['type'], payloadBytes: number): string | undefined {
    if (BOUNDED.has(type) || this.#bucket.spend(1 + Math.floor(payloadBytes / KIB))) return undefined;
    return `more than ${PER_SECOND} messages or KiB a second that nobody asked for`;
  }
}
