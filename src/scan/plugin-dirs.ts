import { delimiter, isAbsolute, join } from 'node:path';
import { expandHome, homeFolder, inHome } from '../options/folders.js';

/**
 * The folders that a host scans unless it says otherwise: those of `AISOPOD_PLUGIN_PATH` (a list like
 * `PATH`; `~` expands, empty parts are ignored), then `~/.aisopod/plugins`. None need exist. Without a home folder only
 * those of `AISOPOD_PLUGIN_PATH` are left. @throws LoadError ERR_OPTIONS if there are none either
 */
export function defaultPluginDirs(env: NodeJS.ProcessEnv = process.env, home: string | undefined = homeFolder()): string[] {
  const first = (env.AISOPOD_PLUGIN_PATH ?? '').split(delimiter).filter((part) => part !== '');
  const named = first.map((part) => expandHome(part, home));
  if (home !== undefined && isAbsolute(home)) return [...named, join(home, '.aisopod', 'plugins')];
  return named.length > 0 ? named : [inHome('pluginDirs', '.aisopod', 'plugins')];
}
