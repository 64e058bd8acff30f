import { INIT_ONLY } from '../errors/lifecycle-errors.js';
import { LifecycleError } from '../errors/index.js';
import type { ManagedPlugin } from './managed-plugin.js';
import type { PluginConfig } from '../plugin/config-copy.js';
import { stepFailure } from '../plugin/step-errors.js';

/**
 * Validates a new configuration, then passes it to the plugin if it is active; otherwise the plugin gets it when it is next
 * started. False if the plugin is restarting: then it can neither accept nor reject it yet.
 * @throws LifecycleError ERR_CONFIG
 */
export async function reconfigure(managed: ManagedPlugin, config: PluginConfig): Promise<boolean> {
  const filled = managed.readConfig(config);
  if (managed.state === 'restarting') return false;
  if (managed.lifecycle.allows('reconfigure')) await send(managed, filled);
  return true;
}

async function send({ id, plugin }: ManagedPlugin, config: PluginConfig): Promise<void> {
  if (plugin?.reconfigure === undefined) throw new LifecycleError('ERR_CONFIG', { key: '', reason: INIT_ONLY }, { pluginId: id, step: 'active' });
  try {
    await plugin.reconfigure(config);
  } catch (error) {
    throw stepFailure('reconfigure', error, id);
  }
}
