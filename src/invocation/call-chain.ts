import { MAX_NESTING } from '../abi/constants.js';
import type { InvocationParent } from './backend.js';
import type { Callee } from './callee.js';
import { busy } from './errors.js';

/** How many invocations the chain that ends in `last` has. */
export function chainLength(last: InvocationParent | undefined): number {
  let length = 0;
  for (let at = last; at !== undefined; at = at.parent) length += at.chainLength ?? 1;
  return length;
}

/** Whether a call on behalf of `parent` would nest too deep (rule 12). */
export const nestsTooDeep = (parent: InvocationParent): boolean => chainLength(parent) >= MAX_NESTING;

/**
 * A thread that is inside the plugin may be waiting for this answer; a second one cannot go in before it is out (rule 12).
 * @throws InvocationError ERR_PLUGIN_BUSY
 */
export function refuseReentry(callee: Callee, parent: InvocationParent | undefined): void {
  for (let at = parent; at !== undefined; at = at.parent) {
    if (at.pluginId !== callee.pluginId || !at.inside) continue;
    throw busy(callee, 'it is being called already, in the chain of calls that leads here, and is not thread-safe');
  }
}
