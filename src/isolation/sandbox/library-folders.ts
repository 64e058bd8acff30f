import { readFileSync, readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** Where the system keeps libraries. What the loader knows of them is in its cache, which it may read too. */
const SYSTEM_FOLDERS = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64'];

/** The folders in which the system's loader looks for the libraries that a plugin needs, besides the plugin's own. */
export const libraryFolders = (): readonly string[] => [...SYSTEM_FOLDERS, ...configured(), ...fromEnvironment()];

/** In LD_LIBRARY_PATH, which the host passes on. An entry that is not absolute depends on the current folder. */
function fromEnvironment(): readonly string[] {
  const { LD_LIBRARY_PATH: paths = '' } = process.env;
  return paths.split(/[:;]/).filter((path) => isAbsolute(path));
}

/** In the configuration of glibc's loader, which only root can change. */
function configured(): readonly string[] {
  const folder = '/etc/ld.so.conf.d';
  const files = orNothing(() => readdirSync(folder)).filter((name) => name.endsWith('.conf'));
  const lines = ['/etc/ld.so.conf', ...files.map((name) => join(folder, name))].flatMap((file) => orNothing(() => readFileSync(file, 'utf8').split('\n')));
  return lines.map((line) => line.trim()).filter((line) => isAbsolute(line));
}

/** Other systems have no such files. */
function orNothing(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
