import type { Step } from '../errors/index.js';
import type { ShownState } from '../report/plugin-report.js';

/** What is true of a plugin in one state. */
export interface StateRow {
  /** The state that a report shows. While a step runs, it is the state before the step. */
  readonly shown: ShownState;
  /** The step that a report names if no failure names one. */
  readonly step: Step;
  /** The state that a new process must restore if the plugin's process ends now. */
  readonly reached?: 'loaded' | 'registered' | 'active';
  /** Whether the plugin may call other plugins. */
  readonly mayCall?: true;
  /** Whether the plugin has been active and has not been ended since. `kept`: as before this state. */
  readonly up?: 'yes' | 'kept';
  /** The state after a failure that ends the plugin. A plugin that was never loaded is refused. */
  readonly failsAs: 'refused' | 'failed';
}

export const STATES = {
  discovered: { shown: 'discovered', step: 'manifest', failsAs: 'refused' },
  refused: { shown: 'refused', step: 'manifest', failsAs: 'refused' },
  loaded: { shown: 'loaded', step: 'create', reached: 'loaded', failsAs: 'failed' },
  registering: { shown: 'loaded', step: 'create', reached: 'loaded', failsAs: 'failed' },
  registered: { shown: 'registered', step: 'register', reached: 'registered', failsAs: 'failed' },
  restoring: { shown: 'registered', step: 'register', reached: 'registered', failsAs: 'failed' },
  initializing: { shown: 'registered', step: 'register', reached: 'registered', mayCall: true, failsAs: 'failed' },
  active: { shown: 'active', step: 'active', reached: 'active', up: 'yes', mayCall: true, failsAs: 'failed' },
  /** Its process has ended, and a new one is being started. */
  restarting: { shown: 'restarting', step: 'active', reached: 'active', up: 'kept', mayCall: true, failsAs: 'failed' },
  /** Its process kept crashing and is not started again. */
  quarantined: { shown: 'quarantined', step: 'active', up: 'kept', failsAs: 'failed' },
  stopping: { shown: 'active', step: 'active', mayCall: true, failsAs: 'failed' },
  failed: { shown: 'failed', step: 'active', up: 'kept', failsAs: 'failed' },
  disabled: { shown: 'disabled', step: 'manifest', failsAs: 'failed' },
  retired: { shown: 'retired', step: 'retired', failsAs: 'failed' },
} as const satisfies Record<string, StateRow>;

/** Every state of a plugin: those that a report shows, and `registering`, `restoring`, `initializing` and `stopping`, while a step runs. */
export type PluginState = keyof typeof STATES;

/** Deadlines of the lifecycle steps, in milliseconds. */
export interface LoadTimeouts {
  /** For opening the library, and for each C function that is called before the plugin exists. */
  readonly create: number;
  readonly register: number;
  /** Also for `reconfigure`, and at an update for `save` and `restore`. */
  readonly init: number;
  readonly shutdown: number;
}

export interface Transition {
  /** The states that it may follow. An error names the first one as the expected state. */
  readonly from: readonly PluginState[];
  readonly to: PluginState;
  /** What errors and reports call it. */
  readonly step?: Step;
}

/** A transition that runs code of the plugin. */
export interface StepRow extends Transition {
  /** The state while it runs. */
  readonly during: PluginState;
  readonly step: Step;
  /** What its process is about to do when the step begins. Default: `step`. */
  readonly firstStep?: Step;
  /**
   * What the plugin is given. The loader finds the library, the registry knows which names are taken, and the host
   * validates the configuration. A child gets it as the payload of the request.
   */
  readonly needs: 'library' | 'names' | 'config' | 'state' | 'nothing';
  /** Its entry in `timeouts`. */
  readonly timeout: keyof LoadTimeouts;
  /** How many calls of the plugin's code have that deadline, each. Default 1. */
  readonly calls?: number;
  /** How much longer than its deadline to wait for a process that the machine does not let run. Default: STEP_PATIENCE_MS. */
  readonly patienceMs?: number;
  /** `end`: the plugin is refused or failed, and what it holds is released. `keep`: it stays as it was before the step. */
  readonly onFailure: 'end' | 'keep';
  /** The error of a failure that the plugin reports. Absent in `load`, where each part has its own errors. */
  readonly error?: 'ERR_REGISTER_FAILED' | 'ERR_INIT_FAILED' | 'ERR_SHUTDOWN_FAILED' | 'ERR_CONFIG' | 'ERR_HANDOVER_FAILED';
}

/**
 * The steps. Where a step runs is the same for all of them, so no row says it: on a thread of its queue if the plugin is in this
 * process (native/native-plugin.ts; only a library's constructors run on the main thread), in the child process
 * (isolation/proxy/lifecycle-rpc.ts), or on this thread if the plugin is JavaScript (with-lifecycle.ts). The same holds for a
 * missed deadline: a child is killed; native code in this process cannot be stopped, so it is left running.
 */
const STEP_ROWS = {
  load: {
    from: ['discovered'],
    during: 'discovered',
    to: 'loaded',
    step: 'create',
    firstStep: 'open',
    needs: 'library',
    timeout: 'create',
    calls: 4, // is the library open already, open it, its ABI version, create
    onFailure: 'end',
  },
  register: {
    from: ['loaded'],
    during: 'registering',
    to: 'registered',
    step: 'register',
    needs: 'names',
    timeout: 'register',
    onFailure: 'end',
    error: 'ERR_REGISTER_FAILED',
  },
  /** The registry also makes the plugin's data folder. */
  init: {
    from: ['registered'],
    during: 'initializing',
    to: 'active',
    step: 'init',
    needs: 'config',
    timeout: 'init',
    onFailure: 'end',
    error: 'ERR_INIT_FAILED',
  },
  /** After a failure the old configuration is still in force. */
  reconfigure: {
    from: ['active'],
    during: 'active',
    to: 'active',
    step: 'active',
    needs: 'config',
    timeout: 'init',
    calls: 2, // wait for its turn, run
    onFailure: 'keep',
    error: 'ERR_CONFIG',
  },
  /** At an update: the generation that runs gives its state. It stays active, whatever comes of it. */
  save: {
    from: ['active'],
    during: 'active',
    to: 'active',
    step: 'active',
    needs: 'nothing',
    timeout: 'init',
    calls: 2, // wait for its turn, run
    onFailure: 'keep',
    error: 'ERR_HANDOVER_FAILED',
  },
  /** At an update: the next generation takes that state. */
  restore: {
    from: ['registered'],
    during: 'restoring',
    to: 'registered',
    step: 'init',
    needs: 'state',
    timeout: 'init',
    calls: 2, // find the extension, run
    onFailure: 'end',
    error: 'ERR_HANDOVER_FAILED',
  },
  /** Waits first, within its deadline, until no call runs in the plugin. */
  shutdown: {
    from: ['active', 'registered', 'loaded', 'restarting', 'quarantined'],
    during: 'stopping',
    to: 'retired',
    step: 'shutdown',
    needs: 'nothing',
    timeout: 'shutdown',
    patienceMs: 30_000, // a host that is closing waits less than one that is starting
    onFailure: 'end',
    error: 'ERR_SHUTDOWN_FAILED',
  },
} as const satisfies Record<string, StepRow>;

const NOT_RUNNING = ['discovered', 'refused', 'failed', 'disabled', 'retired', 'loaded', 'registered'] as const;

/** Transitions that take no time. */
const EVENT_ROWS = {
  /** A plugin's child process has ended, has been restarted, or has crashed too often. */
  crash: { from: ['active', 'restarting'], to: 'restarting' },
  comeBack: { from: ['restarting'], to: 'active' },
  quarantine: { from: ['active', 'restarting'], to: 'quarantined' },
  /** The host's decisions about a plugin that is not running. */
  disable: { from: NOT_RUNNING, to: 'disabled' },
  retire: { from: NOT_RUNNING, to: 'retired' },
} as const satisfies Record<string, Transition>;

export type LifecycleStep = keyof typeof STEP_ROWS;
export type LifecycleEvent = keyof typeof EVENT_ROWS;

/** A step that is a method of `Plugin`. */
export type LifecycleOperation = Exclude<LifecycleStep, 'load'>;

/** What a step is given. */
export type NeedOf<S extends LifecycleStep> = (typeof STEP_ROWS)[S]['needs'];

export const stepRow = <S extends LifecycleStep>(step: S): StepRow & (typeof STEP_ROWS)[S] => STEP_ROWS[step];

export const isLifecycleStep = (name: string): name is LifecycleStep => Object.hasOwn(STEP_ROWS, name);

export const TRANSITIONS: Readonly<Record<LifecycleStep | LifecycleEvent, Transition>> = { ...STEP_ROWS, ...EVENT_ROWS };
