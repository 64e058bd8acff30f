import { asPluginError } from '../errors/index.js';
import { stepRow, type Lifecycle, type LifecycleOperation } from './lifecycle.js';
import type { Plugin } from './plugin.js';

/** A plugin that is a plain object, with the lifecycle that plugins in a library keep themselves. */
export function withLifecycle(plugin: Plugin, lifecycle: Lifecycle): Plugin & { readonly lifecycle: Lifecycle } {
  const { id, meta, declared } = plugin;
  const where = { pluginId: id };
  const take = async (step: LifecycleOperation, run: () => Promise<void> | void): Promise<void> => {
    lifecycle.begin(step, where);
    try {
      await run();
    } catch (error) {
      lifecycle.fail(asPluginError(error, { ...where, step: stepRow(step).step }));
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
        lifecycle.begin('reconfigure', where);
        await plugin.reconfigure?.(config);
      },
    }),
    shutdown: () => take('shutdown', () => plugin.shutdown()),
    [Symbol.asyncDispose]: async () => plugin[Symbol.asyncDispose](),
  };
}
