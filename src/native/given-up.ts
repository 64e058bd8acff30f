import type { Answer } from './answer.js';
import type { Invocation } from './invocation.js';
import type { PluginRecord } from '../report/plugin-record.js';

export type GivenUpBy = 'cancelled' | 'timeout';

/**
 * Invocations whose callers have been told, and that native code may still be at: inside `invoke`, or pending and not yet
 * completed. Past a deadline nothing new goes into the plugin while one is inside.
 */
export class GivenUp {
  readonly #inside = new Map<Invocation, GivenUpBy>();
  /** By id. Only those that somebody waits for: a plugin may well never complete what was cancelled. */
  readonly #awaited = new Map<number, Invocation>();

  constructor(private readonly record: PluginRecord) {}

  add(invocation: Invocation, by: GivenUpBy): void {
    if (invocation.began && invocation.isAwaited) this.#awaited.set(invocation.id, invocation);
    if (!invocation.inside) return;
    this.#inside.set(invocation, by);
    if (by === 'timeout') this.record.add('active', `${invocation.callee.capability} passed its deadline; its native call is still running`);
  }

  /** `invoke` has returned `answer`. */
  leave(invocation: Invocation, answer: Answer): void {
    if (this.#inside.get(invocation) === 'timeout') this.record.add('active', `${invocation.callee.capability}, given up earlier, has returned`);
    this.#inside.delete(invocation);
    if (answer.kind !== 'pending' || invocation.parked !== undefined) this.#over(invocation.id);
  }

  /** A completion has come, too late to be anybody's answer; perhaps while `invoke` is still to return PENDING. */
  complete(id: number): void {
    const invocation = this.#awaited.get(id);
    if (invocation?.inside === true) invocation.parked = { kind: 'ok', text: '' };
    else this.#over(id);
  }

  /** One past its deadline and still inside: nobody knows what native code is at. One that was cancelled is on its way out. */
  get stuck(): Invocation | undefined {
    if (this.#inside.size === 0) return undefined;
    for (const [invocation, by] of this.#inside) if (by === 'timeout') return invocation;
    return undefined;
  }

  /** What still runs inside the plugin, by name. */
  get running(): readonly string[] {
    return [...this.#inside.keys()].map((invocation) => invocation.callee.capability);
  }

  #over(id: number): void {
    const invocation = this.#awaited.get(id);
    this.#awaited.delete(id);
    invocation?.returned();
  }
}
