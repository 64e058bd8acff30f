import { asPluginError, type ErrorContext } from '../errors/index.js';
import type { Lifecycle, LifecycleStep } from './lifecycle.js';
import type { Plugin } from './plugin.js';

/** A plugin that is a plain object, with the lifecycle that plugins in a library keep themselves. */
export function withLifecycle(plugin: Plugin, lifecycle: Lifecycle): Plugin & { readonly lifecycle: Lifecycle } {
  const { id, meta, declared } = plugin;
  const where = (step: ErrorContext['step']): ErrorContext => ({ pluginId: id, step });
  const take = async (step: LifecycleStep & ErrorContext['step'], run: () => Promise<void> | void): Promise<void> => {
    lifecycle.begin(step, where(step));
    try {
      await run();
    } catch (error) {
      lifecycle.fail(asPluginError(error, where(step)));
      throw error;
    }
    lifecycle.finish(step);
  };
  return {
    id,
    meta,
    ...(declared && { declared }),
    get events() {
      return plugin.events ?? [];
    },
    lifecycle,
    register: (api) => take('register', () => plugin.register(api)),
    init: (context) => take('init', () => plugin.init(context)),
    ...(plugin.reconfigure && {
      reconfigure: async (config) => {
        lifecycle.begin('reconfigure', where('active'));
        await plugin.reconfigure?.(config);
      },
    }),
    shutdown: () => take('shutdown', () => plugin.shutdown()),
    [Symbol.asyncDispose]: async () => plugin[Symbol.asyncDispose](),
  };
}
