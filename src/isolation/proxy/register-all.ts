import type { ErrorContext } from '../../errors/index.js';
import { monotonicNow, turn } from '../../machine/node-timers.js';
import { stepTimedOut } from '../../plugin/step-errors.js';

/** Maximum time on the host's thread before other work gets a turn. */
const MAX_TURN_MS = 20;

/**
 * Registers in the host what a plugin has registered in its child. There may be a thousand tools with slow schemas, so other
 * work gets turns in between, and the deadline of `register` applies here too. It counts only processor time of this process:
 * a stopped or starved host refuses no plugin.
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
  let turnBegin = begin;
  for (const capability of capabilities) {
    const now = monotonicNow();
    if (now - begin > timeoutMs && cpuMsSince(cpu) > timeoutMs) throw stepTimedOut('register', timeoutMs, false, where);
    if (now - turnBegin > MAX_TURN_MS) {
      await turn();
      turnBegin = monotonicNow();
    }
    register(capability);
  }
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
