import { aroundSteps, type RunStep } from './around-steps.js';
import type { Lifecycle } from './lifecycle.js';
import type { Plugin } from './plugin.js';

/** Gives a plain object the lifecycle that a plugin in a library keeps itself. */
export function withLifecycle(plugin: Plugin, lifecycle: Lifecycle): Plugin & { readonly lifecycle: Lifecycle } {
  const run: RunStep = async (step, act) => (step === 'dispose' ? act() : lifecycle.run(step, { pluginId: plugin.id }, act));
  return Object.assign(aroundSteps(plugin, run), { lifecycle });
}
