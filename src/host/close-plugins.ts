import { asPluginError } from '../errors/index.js';
import { endInOrder } from '../registry/in-order.js';
import type { ManagedPlugin } from './managed-plugin.js';
import type { PluginSteps } from './plugin-steps.js';

/** What `close` did: the plugins that shut down, and those that failed to. */
export interface CloseResult {
  readonly ended: readonly string[];
  readonly failed: readonly { readonly id: string; readonly error: Error }[];
}

/** Shuts down every plugin that is up, in reverse order. Never rejects. */
export async function closePlugins(plugins: readonly ManagedPlugin[], steps: PluginSteps): Promise<CloseResult> {
  const ended: string[] = [];
  const failed: { id: string; error: Error }[] = [];
  await endInOrder(plugins.filter(({ isUp }) => isUp).reverse(), async (plugin) => {
    const { id = '' } = plugin;
    try {
      await steps.end(plugin, 'retire');
      ended.push(id);
    } catch (error) {
      failed.push({ id, error: asPluginError(error, { pluginId: id, step: 'shutdown' }) });
    }
  });
  return { ended, failed };
}
