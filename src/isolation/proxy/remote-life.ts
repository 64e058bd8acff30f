import { LifecycleError, type ErrorContext, type PluginError, type Step } from '../../errors/index.js';
import type { Plugin } from '../../plugin/plugin.js';

/** Where a plugin in a child stands. `new` is before it was loaded; `quarantined`, when its child kept crashing. */
export type RemoteState =
  | 'new'
  | 'loaded'
  | 'registering'
  | 'registered'
  | 'initializing'
  | 'active'
  | 'restarting'
  | 'stopping'
  | 'quarantined'
  | 'failed'
  | 'retired';

/** Loaded, and in no step of its own. */
const STEADY: readonly RemoteState[] = ['loaded', 'registered', 'active', 'restarting'];

/** Where it may be brought back after the end of its process. */
const LIVE: readonly RemoteState[] = [...STEADY, 'registering', 'initializing'];

/** Where it may be shut down; one that has failed has ended already. */
const ENDABLE: readonly RemoteState[] = [...STEADY, 'quarantined', 'failed'];

/** The states of one plugin in a child, each in its order. */
export class RemoteLife {
  #state: RemoteState = 'new';
  #reached: 'nothing' | 'loaded' | 'registered' | 'active' = 'nothing';
  #failure: PluginError | undefined;

  constructor(private readonly where: (step: Step) => ErrorContext) {}

  get state(): RemoteState {
    return this.#state;
  }

  /** What it is brought back to in another child. */
  get reached(): 'nothing' | 'loaded' | 'registered' | 'active' {
    return this.#reached;
  }

  get isSteady(): boolean {
    return STEADY.includes(this.#state);
  }

  get isLive(): boolean {
    return LIVE.includes(this.#state);
  }

  get isEndable(): boolean {
    return ENDABLE.includes(this.#state);
  }

  /** What hosts see of it. */
  get standing(): Plugin['standing'] {
    return this.#state === 'restarting' || this.#state === 'quarantined' || this.#state === 'failed' ? this.#state : 'active';
  }

  /** Why it stands so, where that is for a failure. */
  get failure(): PluginError | undefined {
    return this.#failure;
  }

  /** Begins a step. @throws LifecycleError ERR_LIFECYCLE_STATE where it comes from another state than `from` */
  enter(operation: string, step: Step, from: readonly RemoteState[], to: RemoteState): void {
    if (!from.includes(this.#state)) {
      throw new LifecycleError('ERR_LIFECYCLE_STATE', { operation, expected: from[0] ?? '', found: this.#state }, this.where(step));
    }
    this.#state = to;
  }

  /** Begins the last step. @throws LifecycleError ERR_LIFECYCLE_STATE */
  stop(): void {
    this.enter('shutdown', 'shutdown', ['active', ...ENDABLE], 'stopping');
  }

  reach(reached: 'loaded' | 'registered' | 'active'): void {
    this.#state = this.#reached = reached;
    this.#failure = undefined;
  }

  become(state: 'restarting' | 'quarantined' | 'failed' | 'retired', failure?: PluginError): void {
    this.#state = state;
    if (failure !== undefined) this.#failure = failure;
  }
}

const STEPS: Partial<Record<string, Step>> = { load: 'create', register: 'register', init: 'init', shutdown: 'shutdown' };

/** The step of a plugin's life that a crash belongs to, by what the host had last asked for. */
export const stepOf = (during: string): Step => STEPS[during] ?? 'active';
