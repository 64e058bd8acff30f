import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** `~` and `~/x` as a path below `home`; every other path, `~user` among them, as it is. */
export function expandHome(path: string, home: string = homedir()): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

/**
 * The folders that a host scans unless it says otherwise: those of `AISOPOD_PLUGIN_PATH` (a list like
 * `PATH`; `~` expands, empty parts are ignored), then `~/.aisopod/plugins`. None need exist.
 */
export function defaultPluginDirs(env: NodeJS.ProcessEnv = process.env, home: string = homedir()): string[] {
  const first = (env.AISOPOD_PLUGIN_PATH ?? '').split(delimiter).filter((part) => part !== '');
  return [...first.map((part) => expandHome(part, home)), join(home, '.aisopod', 'plugins')];
}
