import { delimiter, isAbsolute, join } from 'node:path';
import { expandHome, homeFolder, inHome } from '../options/folders.js';

/**
 * The folders that a host scans by default: those in `AISOPOD_PLUGIN_PATH` and `AISOPOD_PLUGIN_PATHS` (lists like `PATH`; `~`
 * expands, empty entries are ignored), then `~/.aisopod/plugins`. They need not exist. Without a home folder, only those in the
 * two variables. @throws LoadError ERR_OPTIONS if there is neither
 */
export function defaultPluginDirs(env: NodeJS.ProcessEnv = process.env, home: string | undefined = homeFolder()): string[] {
  const lists = [env.AISOPOD_PLUGIN_PATH ?? '', env.AISOPOD_PLUGIN_PATHS ?? ''];
  const first = lists.flatMap((list) => list.split(delimiter)).filter((part) => part !== '');
  const named = first.map((part) => expandHome(part, home));
  if (home !== undefined && isAbsolute(home)) return [...named, join(home, '.aisopod', 'plugins')];
  return named.length > 0 ? named : [inHome('pluginDirs', '.aisopod', 'plugins')];
}
