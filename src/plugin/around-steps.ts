import type { LifecycleOperation } from './lifecycle-table.js';
import type { Plugin } from './plugin.js';

/** Runs one step of a plugin's lifecycle. `dispose` ends the plugin, whatever state it is in. */
export type RunStep = (step: LifecycleOperation | 'dispose', run: () => Promise<void> | void) => Promise<void>;

/** The same plugin, with `around` run around each step of its lifecycle. */
export function aroundSteps(plugin: Plugin, around: RunStep): Plugin {
  const { id, meta, declared } = plugin;
  return {
    id,
    meta,
    ...(declared && { declared }),
    get events() {
      return plugin.events ?? [];
    },
    register: (api) => around('register', () => plugin.register(api)),
    init: (context) => around('init', () => plugin.init(context)),
    ...(plugin.reconfigure && { reconfigure: (config) => around('reconfigure', () => plugin.reconfigure?.(config)) }),
    shutdown: () => around('shutdown', () => plugin.shutdown()),
    [Symbol.asyncDispose]: () => around('dispose', async () => plugin[Symbol.asyncDispose]()),
  };
}
