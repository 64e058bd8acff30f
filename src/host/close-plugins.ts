import { asPluginError } from '../errors/index.js';
import { endInOrder } from '../registry/in-order.js';
import type { ManagedPlugin } from './managed-plugin.js';
import type { PluginSteps } from './plugin-steps.js';

/** What `close` did: the plugins that shut down, and those that failed to. Both in the order in which the shutdowns started. */
export interface CloseResult {
  readonly ended: readonly string[];
  readonly failed: readonly { readonly id: string; readonly error: Error }[];
}

/** Shuts down every plugin that is up, in reverse order. Never rejects. */
export async function closePlugins(plugins: readonly ManagedPlugin[], steps: PluginSteps): Promise<CloseResult> {
  const results = await endInOrder(plugins.filter(({ isUp }) => isUp).reverse(), async (plugin) => {
    const { id = '' } = plugin;
    try {
      await steps.end(plugin, 'retire');
      return { id, error: undefined };
    } catch (error) {
      return { id, error: asPluginError(error, { pluginId: id, step: 'shutdown' }) };
    }
  });
  return {
    ended: results.flatMap(({ id, error }) => (error === undefined ? [id] : [])),
    failed: results.flatMap(({ id, error }) => (error === undefined ? [] : [{ id, error }])),
  };
}
