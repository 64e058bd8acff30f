import { LoadError } from '../../errors/index.js';
import type { Logger } from '../../log/logger.js';
import type { EarlierLibraries } from '../isolation.js';
import type { ManagedPlugin } from '../managed-plugin.js';

/**
 * If the file of a library in this process was overwritten in place, any call into it would crash the host. So the plugin fails: calls are
 * refused until the next generation takes over, and it is neither asked for its state nor shut down. Returns whether that is so.
 */
export async function abandonIfLost(managed: ManagedPlugin, { libraries, logger }: { readonly libraries: EarlierLibraries; readonly logger: Logger }): Promise<boolean> {
  const { plugin, id, path } = managed;
  const library = plugin && libraries.lostLibrary(plugin);
  if (plugin === undefined || library === undefined) return false;
  const error = new LoadError('ERR_LIBRARY_OVERWRITTEN', { library }, { pluginId: id, path });
  logger.warn(error.message, { pluginId: id, path, code: error.code, hint: error.hint });
  managed.fail(error);
  await plugin[Symbol.asyncDispose]?.();
  return true;
}
