import { LifecycleError, type ErrorContext, type Step } from '../errors/index.js';
import type { Plugin } from '../plugin/plugin.js';

/** Where a plugin in a child stands. `new` is before it was loaded; `quarantined`, when its child kept crashing. */
export type ProcessPluginState =
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

/** Where it may be shut down; one that has failed has ended already. */
export const ENDABLE: readonly ProcessPluginState[] = ['active', 'restarting', 'quarantined', 'registered', 'loaded', 'failed'];

/** Loaded, and in no step of its own. */
export const STEADY: readonly ProcessPluginState[] = ['loaded', 'registered', 'active', 'restarting'];

/** Where it may be brought back after the end of its process. */
export const LIVE: readonly ProcessPluginState[] = [...STEADY, 'registering', 'initializing'];

/** @throws LifecycleError ERR_LIFECYCLE_STATE */
export function checkState(operation: string, from: readonly ProcessPluginState[], state: ProcessPluginState, where: ErrorContext): void {
  if (from.includes(state)) return;
  throw new LifecycleError('ERR_LIFECYCLE_STATE', { operation, expected: from[0] ?? '', found: state }, where);
}

/** What hosts see of it. */
export const standingIn = (state: ProcessPluginState): Plugin['standing'] =>
  state === 'restarting' || state === 'quarantined' || state === 'failed' ? state : 'active';

const STEPS: Partial<Record<string, Step>> = { load: 'create', register: 'register', init: 'init', shutdown: 'shutdown' };

/** The step of a plugin's life that a crash belongs to, by what the host had last asked for. */
export const stepOf = (during: string): Step => STEPS[during] ?? 'active';
