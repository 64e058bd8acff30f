import { asPluginError } from '../errors/index.js';
import { aroundSteps, type RunStep } from './around-steps.js';
import { stepRow, type Lifecycle } from './lifecycle.js';
import type { Plugin } from './plugin.js';

/** Gives a plain object the lifecycle that a plugin in a library keeps itself. */
export function withLifecycle(plugin: Plugin, lifecycle: Lifecycle): Plugin & { readonly lifecycle: Lifecycle } {
  const where = { pluginId: plugin.id };
  const run: RunStep = async (step, act) => {
    if (step === 'dispose') return act();
    lifecycle.begin(step, where);
    try {
      await act();
    } catch (error) {
      // A refused configuration leaves the plugin active.
      if (step !== 'reconfigure') lifecycle.fail(asPluginError(error, { ...where, step: stepRow(step).step }));
      throw error;
    }
    if (step !== 'reconfigure') lifecycle.finish(step);
  };
  return Object.assign(aroundSteps(plugin, run), { lifecycle });
}
