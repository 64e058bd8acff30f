import type { ErrorContext } from '../../errors/index.js';
import { monotonicNow, turn } from '../../machine/node-timers.js';
import { stepTimedOut } from '../../plugin/step-errors.js';

/** Of the host's thread at once. */
const MAX_TURN_MS = 20;

/**
 * Registers in the host what a plugin has registered in its child. A tool's schema may take a while of the host's thread
 * and there may be a thousand: others get their turn in between, and the deadline of `register` holds here as well. What counts
 * is the processor time of this process, as far as that passed: a host that is stopped or starved refuses nobody.
 * @throws LifecycleError ERR_LIFECYCLE_TIMEOUT, or what `register` throws
 */
export async function registerAll<T>(
  capabilities: readonly T[],
  register: (capability: T) => void,
  timeoutMs: number,
  where: ErrorContext,
): Promise<void> {
  const begin = monotonicNow();
  const cpu = process.cpuUsage();
  let turnBegan = begin;
  for (const capability of capabilities) {
    const now = monotonicNow();
    if (now - begin > timeoutMs && cpuMsSince(cpu) > timeoutMs) throw stepTimedOut('register', timeoutMs, false, where);
    if (now - turnBegan > MAX_TURN_MS) {
      await turn();
      turnBegan = monotonicNow();
    }
    register(capability);
  }
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
