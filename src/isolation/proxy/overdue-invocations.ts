import type { RemoteInvocation, Sent } from './remote-run.js';

/**
 * The invocations that have passed their deadline, or were cancelled and keep a thread, and are still running in their child.
 * Each has `graceMs` to finish; then the child is killed.
 */
export class OverdueInvocations {
  #count = 0;

  constructor(private readonly graceMs: number) {}

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(invocation: RemoteInvocation): void {
    const { run, callee } = invocation;
    if (run?.sent === undefined || run.cancelKill !== undefined || invocation.isOver) return;
    const { child } = run.sent.session;
    const { capability, pluginId } = callee;
    const kill = (): void => {
      const what = invocation.inside ? `was still in ${capability}` : `had not completed ${capability}`;
      child.kill(`${what} ${this.graceMs} ms after its deadline`, { during: capability, suspect: pluginId });
    };
    this.#count++;
    run.cancelKill = child.clock.deadline(this.graceMs + lostMs(invocation, run.sent), kill);
  }

  /** An invocation has finished. Returns whether it was overdue. */
  remove({ run }: RemoteInvocation): boolean {
    if (run?.cancelKill === undefined) return false;
    run.cancelKill();
    this.#count--;
    return true;
  }
}

/** How much of the time until the deadline the child could not use, because it was stopped or got no CPU. */
function lostMs({ timeoutMs, run }: RemoteInvocation, { waitedMs, ran }: Sent): number {
  return run?.isLate === true ? Math.max(0, timeoutMs - waitedMs - ran.ms()) : 0;
}
