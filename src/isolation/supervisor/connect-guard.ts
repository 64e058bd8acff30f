import { messageOf } from '../../errors/index.js';
import type { TracedRules } from '../sandbox/trace/traced-rules.js';

/** See guardChild. `rules`: of a child that is traced. */
export type Guard = (pid: number, listener: number, rules: TracedRules | undefined, onLost: () => void) => () => void;

/** Answers calls of one child, from the moment when it is ready until it has ended. The child is killed if that is not possible. */
export class ConnectGuard {
  #end: (() => void) | undefined;

  /** @param guard absent if the child is not guarded */
  constructor(
    private readonly guard: Guard | undefined,
    private readonly kill: (reason: string) => void,
  ) {}

  /** Returns false if the child is killed. `listener`: the child's descriptor. */
  begin(pid: number, listener: number | undefined, rules: TracedRules | undefined): boolean {
    if (this.guard === undefined || this.#end !== undefined) return true;
    try {
      if (listener === undefined) throw new Error('it did not ask to be');
      this.#end = this.guard(pid, listener, rules, () => this.kill('lost the thread of the host that answers its calls'));
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
