import { LifecycleError, asPluginError, type ErrorContext, type PluginError } from '../errors/index.js';
import { STATES, TRANSITIONS, stepRow, type LifecycleEvent, type LifecycleStep, type PluginState, type StateRow } from './lifecycle-table.js';

/** The states in which a plugin may not call others (rule 7). */
export const STATES_WITHOUT_CALLS = (Object.keys(STATES) as PluginState[]).filter((state) => !mayCallIn(state));

function mayCallIn(state: PluginState): boolean {
  const row: StateRow = STATES[state];
  return row.mayCall === true;
}

/** What others see of a plugin's lifecycle. */
export interface PluginLifecycle {
  readonly state: PluginState;
  /** Why the plugin is refused, failed, restarting or quarantined. */
  readonly failure: PluginError | undefined;
}

/** The state of one plugin, from discovery to retirement. It is kept nowhere else. */
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

  /** The state that a new process must restore; `undefined` if the plugin is not to be restarted. */
  get reached(): StateRow['reached'] {
    const row: StateRow = STATES[this.#state];
    return row.reached;
  }

  /** Whether the plugin is loaded, no step of it is running, and it is not being ended. */
  get isSteady(): boolean {
    return this.reached !== undefined && (this.#state === this.reached || this.#state === 'restarting');
  }

  /** Whether it was active and has not been ended since, even if it has failed or is restarting. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether the plugin may call others: from init until shutdown has returned (rule 7). */
  get mayCall(): boolean {
    return mayCallIn(this.#state);
  }

  allows(transition: LifecycleStep | LifecycleEvent): boolean {
    return TRANSITIONS[transition].from.includes(this.#state);
  }

  /**
   * Runs a step. If `run` fails, its error is thrown, and the step's row says what becomes of the plugin; if that ends it,
   * `release` frees what it holds. The step begins before this function returns.
   * @throws LifecycleError ERR_LIFECYCLE_STATE at once if the step may not begin
   */
  run<T>(step: LifecycleStep, where: StepPlace, run: () => Promise<T> | T, release?: () => Promise<void> | void): Promise<T> {
    this.begin(step, where);
    return this.#complete(step, where, run, release);
  }

  async #complete<T>(step: LifecycleStep, where: StepPlace, run: () => Promise<T> | T, release?: () => Promise<void> | void): Promise<T> {
    const row = stepRow(step);
    let result: T;
    try {
      result = await run();
    } catch (error) {
      if (row.onFailure === 'end') {
        this.fail(asPluginError(error, { ...where, step: row.step }));
        await release?.();
      }
      throw error;
    }
    this.finish(step);
    return result;
  }

  /** Begins a step. @throws LifecycleError ERR_LIFECYCLE_STATE */
  begin(step: LifecycleStep, where: StepPlace): void {
    this.#require(step, where);
    this.#enter(stepRow(step).during);
  }

  /** A step that was begun has succeeded. @throws LifecycleError ERR_LIFECYCLE_STATE */
  finish(step: LifecycleStep): void {
    const { during, to } = stepRow(step);
    if (during === to) return; // a crash during the step may have changed the state since
    if (this.#state !== during) throw stateError(step, during, this.#state);
    this.#failure = undefined;
    this.#enter(to);
  }

  /** The plugin cannot go on. */
  fail(failure: PluginError): void {
    this.#failure = failure;
    this.#enter(STATES[this.#state].failsAs);
  }

  /** @throws LifecycleError ERR_LIFECYCLE_STATE */
  happen(event: LifecycleEvent, failure?: PluginError): void {
    this.#require(event);
    this.#failure = failure;
    this.#enter(TRANSITIONS[event].to);
  }

  #require(name: LifecycleStep | LifecycleEvent, where?: ErrorContext): void {
    const { from, step } = TRANSITIONS[name];
    if (!this.allows(name)) throw stateError(name, from[0] ?? '', this.#state, { ...where, step });
  }

  #enter(state: PluginState): void {
    this.#state = state;
    const { up }: StateRow = STATES[state];
    this.#isUp = up === 'yes' || (up === 'kept' && this.#isUp);
  }
}

type StepPlace = Pick<ErrorContext, 'pluginId' | 'path'>;

const stateError = (operation: string, expected: string, found: string, where: ErrorContext = {}): LifecycleError =>
  new LifecycleError('ERR_LIFECYCLE_STATE', { operation, expected, found }, where);
