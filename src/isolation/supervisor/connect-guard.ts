import { messageOf } from '../../errors/index.js';
import type { TracedRules } from '../sandbox/trace/traced-rules.js';

/** See guardChild. `rules`: of a child that is traced. */
export type Guard = (pid: number, listener: number, rules: TracedRules | undefined, onLost: () => void) => () => void;

/** Answers calls of one child, from the moment when it is ready until it has ended. The child is killed if that is not possible. */
export class ConnectGuard {
  #end: (() => void) | undefined;

  /** @param findGuard asked when the child is ready; returns nothing for one that is not guarded */
  constructor(
    private readonly findGuard: (() => Guard | undefined) | undefined,
    private readonly kill: (reason: string) => void,
  ) {}

  /** Returns false if the child is killed. `listener`: the child's descriptor. */
  begin(pid: number, listener: number | undefined, rules: TracedRules | undefined): boolean {
    const guard = this.#end === undefined ? this.findGuard?.() : undefined;
    if (guard === undefined) return true;
    try {
      if (listener === undefined) throw new Error('it did not ask to be');
      this.#end = guard(pid, listener, rules, () => this.kill('lost the thread of the host that answers its calls'));
      return true;
    } catch (error) {
      this.kill(`cannot be guarded: ${messageOf(error)}`);
      return false;
    }
  }

  end(): void {
    this.#end?.();
    this.#end = undefined;
  }
}
