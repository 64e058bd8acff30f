import type { ManagedPlugin } from '../managed-plugin.js';
import type { PluginOperations } from '../plugin-operations.js';
import type { UpdateResult } from '../update/update-result.js';
import type { FolderChange } from './plugin-folders.js';

type Operations = Pick<PluginOperations, 'plugins' | 'update' | 'rescan'>;

/** Updates the plugins whose folders changed, loads those that came and ends those that went. A plugin that is disabled stays so. */
export async function followChanges(changes: readonly FolderChange[], operations: Operations): Promise<void> {
  let needsScan = false;
  for (const { kind, path } of changes) {
    const plugin = operations.plugins.find((known) => known.path === path && known.candidate !== undefined);
    const result = plugin !== undefined && kind !== 'went' && canBeUpdated(plugin) ? await operations.update(plugin.id ?? '') : undefined;
    needsScan ||= result === undefined || isOfAnotherPlugin(result);
  }
  if (needsScan) await operations.rescan();
}

/** Whether the folder may now have another plugin. */
const isOfAnotherPlugin = (result: UpdateResult): boolean =>
  result.outcome === 'refused' || (result.outcome === 'kept' && result.error.code === 'ERR_UPDATE_REFUSED');

/** A plugin whose code has not run is loaded by a scan. */
const canBeUpdated = ({ isUp, hasRun, state }: ManagedPlugin): boolean => state !== 'disabled' && (isUp || hasRun);
