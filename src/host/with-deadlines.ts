import { LifecycleError, type Step } from '../errors/index.js';
import { deadline } from '../options/deadline-clock.js';
import type { LifecycleTimeouts } from '../native/lifecycle-call.js';
import type { Plugin } from '../plugin/plugin.js';

/**
 * A plugin of the host's own, with the deadlines that every other plugin has by itself: a promise that never settles
 * must not hold up the rest. @throws LifecycleError ERR_LIFECYCLE_TIMEOUT
 */
export function withDeadlines(plugin: Plugin, timeouts: LifecycleTimeouts): Plugin {
  const { id, meta, declared } = plugin;
  const bounded = (operation: string, step: Step, timeoutMs: number, run: () => Promise<void> | void): Promise<void> =>
    new Promise((resolve, reject) => {
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
    register: (api) => bounded('register', 'register', timeouts.register, () => plugin.register(api)),
    init: (context) => bounded('init', 'init', timeouts.init, () => plugin.init(context)),
    ...(plugin.reconfigure && {
      reconfigure: (config) => bounded('reconfigure', 'active', timeouts.init, () => plugin.reconfigure?.(config)),
    }),
    shutdown: () => bounded('shutdown', 'shutdown', timeouts.shutdown, () => plugin.shutdown()),
    [Symbol.asyncDispose]: () =>
      bounded('shutdown', 'shutdown', timeouts.shutdown, async () => plugin[Symbol.asyncDispose]()),
  };
}
