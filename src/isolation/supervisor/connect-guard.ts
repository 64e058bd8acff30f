import { messageOf } from '../../errors/index.js';

/** See guardConnections. */
export type Guard = (pid: number, listener: number, onLost: () => void) => () => void;

/** Connects for one child, from the moment when it is ready until it has ended. The child is killed if that is not possible. */
export class ConnectGuard {
  #end: (() => void) | undefined;

  /** @param guard absent if the child is not guarded */
  constructor(
    private readonly guard: Guard | undefined,
    private readonly kill: (reason: string) => void,
  ) {}

  /** Returns false if the child is killed. `listener`: the child's descriptor. */
  begin(pid: number, listener: number | undefined): boolean {
    if (this.guard === undefined || this.#end !== undefined) return true;
    try {
      if (listener === undefined) throw new Error('it did not ask to be');
      this.#end = this.guard(pid, listener, () => this.kill('lost the thread of the host that connects for it'));
      return true;
    } catch (error) {
      this.kill(`cannot be kept from connecting: ${messageOf(error)}`);
      return false;
    }
  }

  end(): void {
    this.#end?.();
    this.#end = undefined;
  }
}
