import { LifecycleError, PluginError, messageOf } from '../errors/index.js';
import type { ManagedPlugin } from './managed-plugin.js';
import { anyConfig, type PluginConfig } from './plugin-config.js';

/**
 * Validates a new configuration, then tells the plugin where it is active. Returns a copy of it, as given, for later.
 * @throws LifecycleError ERR_CONFIG
 */
export async function reconfigure(managed: ManagedPlugin, config: PluginConfig): Promise<PluginConfig> {
  const filled = managed.readConfig(config);
  const { id = '?', state } = managed;
  if (state === 'active') await tell(managed, filled);
  // Without the defaults: those are the schema's, and another release may have others.
  return anyConfig(id)(config);
}

async function tell({ id, plugin }: ManagedPlugin, config: PluginConfig): Promise<void> {
  const refusal = (reason: string, cause?: unknown): LifecycleError =>
    new LifecycleError('ERR_CONFIG', { key: '', reason }, { pluginId: id, step: 'active', cause });
  if (plugin?.reconfigure === undefined) throw refusal('the plugin takes its configuration at init only');
  try {
    await plugin.reconfigure(config);
  } catch (error) {
    throw error instanceof PluginError ? error : refusal(messageOf(error), error);
  }
}
