import { idleMs } from '../../machine/node-timers.js';
import type { ChildMessage } from '../wire/messages.js';

/** Messages that answer the host, and those that have limits of their own. A child can send any number of the others. */
const LIMITED_ELSEWHERE: ReadonlySet<ChildMessage['type']> = new Set(['loaded', 'done', 'failed', 'pending', 'result', 'failure', 'returned', 'chunk', 'call', 'fatal', 'notNode']);
const PER_SECOND = 20_000;
const BURST = 100_000;
const BURST_MS = (BURST / PER_SECOND) * 1000;
const KIB = 1024;

/**
 * Limits the messages that a child sends unasked. Each KiB of payload counts as one more message.
 *
 * Time in which the machine ran other processes does not count. Otherwise a starved host would read a flood too slowly to notice
 * it.
 */
export class FloodLimit {
  #taken = 0;
  #began = runTimeMs();

  /** Returns what is wrong if there were too many. Messages that nobody needs count too, because reading them takes time. */
  take(type: ChildMessage['type'] | 'bell', payloadBytes: number): string | undefined {
    if (type !== 'bell' && LIMITED_ELSEWHERE.has(type)) return undefined;
    this.#taken += 1 + Math.floor(payloadBytes / KIB);
    if (this.#taken <= BURST) return undefined;
    const now = runTimeMs();
    if (now - this.#began < BURST_MS) return `more than ${PER_SECOND} unrequested messages or KiB a second`;
    this.#taken = 0;
    this.#began = now;
    return undefined;
  }
}

/** How long this process used a processor or had nothing to do, in milliseconds. */
function runTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return idleMs() + (user + system) / 1000;
}
