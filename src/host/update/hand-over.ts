import type { Replacement } from '../../registry/replacement.js';
import type { ManagedPlugin } from '../managed-plugin.js';

/**
 * Gives the state of the generation that runs to the next one, which is registered. Returns how many bytes that took, if it
 * took any. @throws LifecycleError
 */
export async function handOver(current: ManagedPlugin, next: ManagedPlugin, replacement: Replacement): Promise<number | undefined> {
  // Each is marked as running its own plugin's code: see CrashMarkers.
  const state = await current.watch('active', () => replacement.saveState());
  if (state === undefined) return undefined;
  const size = `${state.length} bytes`;
  const show = (isTaken: boolean) => ({ found: isTaken ? size : `${size}, which it does not take` });
  const isTaken = await next.trace.check('init', 'state of the generation before', () => replacement.restoreState(state), show);
  return isTaken ? state.length : undefined;
}
