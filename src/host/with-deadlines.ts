import { deadline } from '../options/deadline-clock.js';
import { aroundSteps } from '../plugin/around-steps.js';
import { stepRow, type LoadTimeouts } from '../plugin/lifecycle-table.js';
import type { Plugin } from '../plugin/plugin.js';
import { stepTimedOut } from '../plugin/step-errors.js';

/**
 * Wraps a plugin object of the host's with the deadlines that loaded plugins already have: a promise that never settles
 * must not block the other plugins. @throws LifecycleError ERR_LIFECYCLE_TIMEOUT
 */
export function withDeadlines(plugin: Plugin, timeouts: LoadTimeouts): Plugin {
  return aroundSteps(plugin, (name, run) => {
    const operation = name === 'dispose' ? 'shutdown' : name;
    const { step, timeout } = stepRow(operation);
    const timeoutMs = timeouts[timeout];
    return new Promise((resolve, reject) => {
      const late = (): void => reject(stepTimedOut(operation, timeoutMs, true, { pluginId: plugin.id, step }));
      const cancelDeadline = deadline(timeoutMs, late, { keepsRunning: true });
      const running = (async () => run())();
      void running.then(resolve, reject).finally(cancelDeadline);
    });
  });
}
