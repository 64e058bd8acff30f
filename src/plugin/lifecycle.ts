import { LifecycleError, type ErrorContext, type PluginError, type Step } from '../errors/index.js';
import type { ShownState } from '../report/plugin-report.js';

/** What is known of a plugin in each state. */
interface StateRow {
  /** What a report shows. During a step it is what was before. */
  readonly shown: ShownState;
  /** The step that a report names where no failure has one. */
  readonly step: Step;
  /** What a new process has to bring it back to, if its process ends now. */
  readonly reached?: 'loaded' | 'registered' | 'active';
  /** Whether it may call other plugins. */
  readonly mayCall?: true;
  /** What a failure makes of it. A plugin that has not been loaded was refused. */
  readonly onFailure: 'refused' | 'failed';
}

const STATES = {
  discovered: { shown: 'discovered', step: 'manifest', onFailure: 'refused' },
  refused: { shown: 'refused', step: 'manifest', onFailure: 'refused' },
  loaded: { shown: 'loaded', step: 'create', reached: 'loaded', onFailure: 'failed' },
  registering: { shown: 'loaded', step: 'create', reached: 'loaded', onFailure: 'failed' },
  registered: { shown: 'registered', step: 'register', reached: 'registered', onFailure: 'failed' },
  initializing: { shown: 'registered', step: 'register', reached: 'registered', mayCall: true, onFailure: 'failed' },
  active: { shown: 'active', step: 'active', reached: 'active', mayCall: true, onFailure: 'failed' },
  /** Its process has ended, and another one is being started. */
  restarting: { shown: 'restarting', step: 'active', reached: 'active', mayCall: true, onFailure: 'failed' },
  /** Its process kept crashing and is not started again. */
  quarantined: { shown: 'quarantined', step: 'active', onFailure: 'failed' },
  stopping: { shown: 'active', step: 'active', mayCall: true, onFailure: 'failed' },
  failed: { shown: 'failed', step: 'active', onFailure: 'failed' },
  disabled: { shown: 'disabled', step: 'manifest', onFailure: 'failed' },
  retired: { shown: 'retired', step: 'retired', onFailure: 'failed' },
} as const satisfies Record<string, StateRow>;

/** Every state of a plugin: those that a report shows, and `registering`, `initializing` and `stopping`, while a step runs. */
export type PluginState = keyof typeof STATES;

/** Those in which a plugin may not call others (rule 7). */
export const STATES_WITHOUT_CALLS = (Object.keys(STATES) as PluginState[]).filter((state) => !mayCallIn(state));

function mayCallIn(state: PluginState): boolean {
  const row: StateRow = STATES[state];
  return row.mayCall === true;
}

interface Transition {
  /** The states that it may follow. An error names the first as the expected one. */
  readonly from: readonly PluginState[];
  /** The state while it runs; absent for what happens at once. */
  readonly during?: PluginState;
  readonly to: PluginState;
  /** What errors and reports call it. */
  readonly step?: Step;
  /** The name of its deadline in `timeouts`. */
  readonly timeout?: 'create' | 'register' | 'init' | 'shutdown';
}

/**
 * Every transition, and what it may follow. The steps (those with a deadline) run the plugin's code: on a worker thread of
 * this process, in a child, or as JavaScript on this thread. A failure leaves what `onFailure` of the state says.
 */
const TRANSITIONS = {
  /** Needs a library that is fit to be opened; see loader/. What was opened before a failure stays open. */
  load: { from: ['discovered'], during: 'discovered', to: 'loaded', step: 'create', timeout: 'create' },
  /** Out of one process, to be loaded in another. */
  unload: { from: ['loaded'], during: 'discovered', to: 'discovered', step: 'create', timeout: 'shutdown' },
  /** Needs names that nobody has. A failure gives back the names, and what create made. */
  register: { from: ['loaded'], during: 'registering', to: 'registered', step: 'register', timeout: 'register' },
  /** Needs a configuration that fits, and the data folder. A failure as in register. */
  init: { from: ['registered'], during: 'initializing', to: 'active', step: 'init', timeout: 'init' },
  /** Needs a configuration that fits. A failure leaves the plugin active, with the old configuration. */
  reconfigure: { from: ['active'], during: 'active', to: 'active', step: 'active', timeout: 'init' },
  /** Waits until no call is inside. In this process a failure leaves the plugin in memory; a child is killed. */
  shutdown: {
    from: ['active', 'registered', 'loaded', 'restarting', 'quarantined'],
    during: 'stopping',
    to: 'retired',
    step: 'shutdown',
    timeout: 'shutdown',
  },

  /** What happens to a plugin in a child: its process ended, came back, or ended too often. */
  crash: { from: ['active', 'restarting'], to: 'restarting' },
  comeBack: { from: ['restarting'], to: 'active' },
  quarantine: { from: ['active', 'restarting'], to: 'quarantined' },

  /** What the host decides of one that does not run. */
  disable: { from: ['discovered', 'refused', 'failed', 'disabled', 'retired', 'loaded', 'registered'], to: 'disabled' },
  retire: { from: ['discovered', 'refused', 'failed', 'disabled', 'retired', 'loaded', 'registered'], to: 'retired' },
} as const satisfies Record<string, Transition>;

type Transitions = typeof TRANSITIONS;
export type LifecycleStep = { [T in keyof Transitions]: Transitions[T] extends { during: PluginState } ? T : never }[keyof Transitions];
type LifecycleEvent = Exclude<keyof Transitions, LifecycleStep>;

/** A call into a plugin that its lifecycle consists of. */
export type LifecycleOperation = Exclude<LifecycleStep, 'load' | 'unload'>;

/** The step's name and its deadline, for those that run it. */
export const stepRow = <S extends LifecycleStep>(step: S): Pick<Transitions[S], 'step' | 'timeout'> => TRANSITIONS[step];

/** What others see of a plugin's lifecycle. */
export interface PluginLifecycle {
  readonly state: PluginState;
  /** Why it is refused, failed, restarting or quarantined. */
  readonly failure: PluginError | undefined;
}

/** Where one plugin stands, from discovery to retirement: the only place that says so. */
export class Lifecycle implements PluginLifecycle {
  #state: PluginState;
  #failure: PluginError | undefined;
  #isUp = false;

  constructor(state: 'discovered' | 'loaded' = 'discovered') {
    this.#state = state;
  }

  get state(): PluginState {
    return this.#state;
  }

  get failure(): PluginError | undefined {
    return this.#failure;
  }

  /** What a report shows of it. */
  get shown(): Pick<StateRow, 'shown' | 'step'> {
    return STATES[this.#state];
  }

  /** What a new process has to bring it back to; `undefined` where it is not to come back. */
  get reached(): StateRow['reached'] {
    const row: StateRow = STATES[this.#state];
    return row.reached;
  }

  /** Loaded and not to end, and no step of its own is running. */
  get isSteady(): boolean {
    return this.reached !== undefined && (this.#state === this.reached || this.#state === 'restarting');
  }

  /** Was active and has not been ended, however it fares. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether the plugin may call others: from init until shutdown has returned (rule 7). */
  get mayCall(): boolean {
    return mayCallIn(this.#state);
  }

  /** Whether a step may begin. */
  allows(step: keyof Transitions): boolean {
    const { from }: Transition = TRANSITIONS[step];
    return from.includes(this.#state);
  }

  /** Begins a step. @throws LifecycleError ERR_LIFECYCLE_STATE */
  begin(step: LifecycleStep, where: Pick<ErrorContext, 'pluginId' | 'path'>): void {
    this.#require(step, where);
    this.#enter(TRANSITIONS[step].during);
  }

  /** A step that was begun has succeeded. */
  finish(step: LifecycleStep): void {
    const { during, to } = TRANSITIONS[step];
    if (this.#state !== during) throw stateError(step, during, this.#state);
    this.#failure = undefined;
    this.#enter(to);
  }

  /** A step has failed, or the plugin cannot go on. */
  fail(failure: PluginError): void {
    this.#failure = failure;
    this.#enter(STATES[this.#state].onFailure);
  }

  /** @throws LifecycleError ERR_LIFECYCLE_STATE */
  happen(event: LifecycleEvent, failure?: PluginError): void {
    this.#require(event);
    this.#failure = failure;
    this.#enter(TRANSITIONS[event].to);
  }

  #require(name: keyof Transitions, where?: ErrorContext): void {
    const { from, step }: Transition = TRANSITIONS[name];
    if (!this.allows(name)) throw stateError(name, from[0] ?? '', this.#state, { ...where, step });
  }

  #enter(state: PluginState): void {
    this.#state = state;
    const staysUp = state === 'restarting' || state === 'quarantined' || state === 'failed';
    this.#isUp = state === 'active' || (staysUp && this.#isUp);
  }
}

const stateError = (operation: string, expected: string, found: string, where: ErrorContext = {}): LifecycleError =>
  new LifecycleError('ERR_LIFECYCLE_STATE', { operation, expected, found }, where);
