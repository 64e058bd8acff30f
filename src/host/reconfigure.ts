import { INIT_ONLY } from '../errors/lifecycle-errors.js';
import { LifecycleError, PluginError, messageOf } from '../errors/index.js';
import type { ManagedPlugin } from './managed-plugin.js';
import type { PluginConfig } from '../plugin/config-copy.js';

/**
 * Validates a new configuration, then tells the plugin where it is active; where it is not, it gets it when it is. False
 * where it is being started again, and can neither take it nor refuse it.
 * @throws LifecycleError ERR_CONFIG
 */
export async function reconfigure(managed: ManagedPlugin, config: PluginConfig): Promise<boolean> {
  const filled = managed.readConfig(config);
  if (managed.state === 'restarting') return false;
  if (managed.state === 'active') await tell(managed, filled);
  return true;
}

async function tell({ id, plugin }: ManagedPlugin, config: PluginConfig): Promise<void> {
  const refusal = (reason: string, cause?: unknown): LifecycleError =>
    new LifecycleError('ERR_CONFIG', { key: '', reason }, { pluginId: id, step: 'active', cause });
  if (plugin?.reconfigure === undefined) throw refusal(INIT_ONLY);
  try {
    await plugin.reconfigure(config);
  } catch (error) {
    throw error instanceof PluginError ? error : refusal(messageOf(error), error);
  }
}
