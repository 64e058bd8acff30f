import { LifecycleError } from '../errors/index.js';
import { deadline } from '../options/deadline-clock.js';
import type { LifecycleTimeouts } from '../native/lifecycle-call.js';
import { stepRow, type LifecycleOperation } from '../plugin/lifecycle.js';
import type { Plugin } from '../plugin/plugin.js';

/**
 * Wraps a plugin object of the host's with the deadlines that loaded plugins already have: a promise that never settles
 * must not hold up the rest. @throws LifecycleError ERR_LIFECYCLE_TIMEOUT
 */
export function withDeadlines(plugin: Plugin, timeouts: LifecycleTimeouts): Plugin {
  const { id, meta, declared } = plugin;
  const bounded = (operation: LifecycleOperation, run: () => Promise<void> | void): Promise<void> =>
    new Promise((resolve, reject) => {
      const { step, timeout } = stepRow(operation);
      const timeoutMs = timeouts[timeout];
      const late = (): void =>
        reject(new LifecycleError('ERR_LIFECYCLE_TIMEOUT', { operation, timeoutMs, stillRunning: true }, { pluginId: id, step }));
      const callOff = deadline(timeoutMs, late, { keepsRunning: true });
      const running = (async () => run())();
      void running.then(resolve, reject).finally(callOff);
    });
  return {
    id,
    meta,
    ...(declared && { declared }),
    get events() {
      return plugin.events ?? [];
    },
    register: (api) => bounded('register', () => plugin.register(api)),
    init: (context) => bounded('init', () => plugin.init(context)),
    ...(plugin.reconfigure && {
      reconfigure: (config) => bounded('reconfigure', () => plugin.reconfigure?.(config)),
    }),
    shutdown: () => bounded('shutdown', () => plugin.shutdown()),
    [Symbol.asyncDispose]: () => bounded('shutdown', async () => plugin[Symbol.asyncDispose]()),
  };
}
