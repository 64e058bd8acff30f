import { MAX_NESTING } from '../abi/constants.js';
import type { InvocationParent } from './backend.js';
import type { Callee } from './callee.js';
import { busy } from './errors.js';

/** The number of invocations in the chain that ends with `last`. */
export function chainLength(last: InvocationParent | undefined): number {
  let length = 0;
  for (let at = last; at !== undefined; at = at.parent) length += at.chainLength ?? 1;
  return length;
}

/** Whether a call on behalf of `parent` would nest too deep (rule 12). */
export const nestsTooDeep = (parent: InvocationParent): boolean => chainLength(parent) >= MAX_NESTING;

/**
 * Refuses a call that would deadlock: a thread inside the plugin waits for its answer, and no second thread may enter
 * before the first has left (rule 12).
 * @throws InvocationError ERR_PLUGIN_BUSY
 */
export function refuseReentry(callee: Callee, parent: InvocationParent | undefined): void {
  for (let at = parent; at !== undefined; at = at.parent) {
    if (at.pluginId !== callee.pluginId || !at.inside) continue;
    throw busy(callee, 'the plugin is waiting for this call (it is in the same chain of calls), and is not thread-safe');
  }
}
