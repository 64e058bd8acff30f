import type { Logger } from '../log/logger.js';
import { pause } from '../machine/node-timers.js';
import { PluginFiles } from '../scan/index.js';
import type { ManagedPlugin } from './managed-plugin.js';

/** Whether its files were replaced before its process ended. If so, treat the folder's contents as a new plugin. */
export const wantsReload = ({ isUp, state, error }: ManagedPlugin): boolean =>
  isUp && state === 'failed' && error?.code === 'ERR_PLUGIN_CHANGED';

const LOOK_MS = 250;
const MAX_LOOKS = 40;

/** Waits, for a few seconds at most, until nobody is writing to the plugin's files. */
export async function untilSettled({ candidate }: ManagedPlugin): Promise<void> {
  if (candidate === undefined) return;
  for (let look = 0; look < MAX_LOOKS; look++) {
    const files = new PluginFiles(candidate);
    await pause(LOOK_MS);
    if (!files.haveChanged) return;
  }
}

/** Logs, once for each plugin, that its files have changed while it runs. */
export function reportChangedFiles(plugins: readonly ManagedPlugin[], logger: Logger): void {
  for (const plugin of plugins.filter((known) => known.noticeChangedFiles())) {
    const { id: pluginId, path } = plugin;
    logger.warn('the files of this plugin were changed: the old code runs until update, or disable and enable, is called', { pluginId, path });
    plugin.announce();
  }
}
