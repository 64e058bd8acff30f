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

/** In the configurations of the loaders of glibc and musl, which only root can change. */
function configured(): readonly string[] {
  const files = ['/etc/ld.so.conf', ...filesIn('/etc/ld.so.conf.d', /\.conf$/)];
  const lines = [...files.flatMap((file) => wordsOf(file, '\n')), ...muslSettings().flatMap((file) => wordsOf(file, /[:\n]/))];
  return lines.map((line) => line.trim()).filter((line) => isAbsolute(line));
}

/** What the loaders read when a program starts. If the loader of musl may not read its file, it looks in no folder of the system. */
export const loaderSettings = (): readonly string[] => ['/etc/ld.so.cache', ...muslSettings()];

const muslSettings = (): readonly string[] => filesIn('/etc', /^ld-musl-.*\.path$/);

const filesIn = (folder: string, name: RegExp): readonly string[] => orNothing(() => readdirSync(folder)).filter((file) => name.test(file)).map((file) => join(folder, file));

const wordsOf = (file: string, separator: string | RegExp): string[] => orNothing(() => readFileSync(file, 'utf8').split(separator));

/** Other systems have no such files. */
function orNothing(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
