import { LifecycleError, type ErrorContext, type Step } from '../errors/index.js';

export type LifeState = 'loaded' | 'registering' | 'registered' | 'initializing' | 'active' | 'stopping' | 'retired' | 'failed';

/** Where a plugin stands between load and retirement, and which way it may go from there (rule 7). */
export class Life {
  #state: LifeState = 'loaded';

  constructor(private readonly where: (step: Step) => ErrorContext) {}

  get state(): LifeState {
    return this.#state;
  }

  is(...states: readonly LifeState[]): boolean {
    return states.includes(this.#state);
  }

  /** Goes on to `to` and returns where it was. @throws LifecycleError ERR_LIFECYCLE_STATE where it is in none of `from` */
  enter(operation: string, step: Step, from: readonly LifeState[], to: LifeState): LifeState {
    const was = this.#state;
    if (!from.includes(was)) {
      throw new LifecycleError('ERR_LIFECYCLE_STATE', { operation, expected: from[0] ?? '', found: was }, this.where(step));
    }
    this.#state = to;
    return was;
  }

  /** What a step that was entered has ended with. */
  become(state: 'registered' | 'active' | 'retired' | 'failed'): void {
    this.#state = state;
  }
}
