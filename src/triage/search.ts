import { dirname, join, resolve } from 'node:path';
import type { Format, Libc, Needs } from './facts.js';
import { nodeLibraries } from './node-libraries.js';
import { systemFolders } from './system-folders.js';

/** A library that depends on others. */
export interface Dependent {
  readonly path: string;
  readonly needs: Needs;
  /** Search folders, expanded, inherited from the libraries that depend on this one. */
  readonly inherited: readonly string[];
}

/** Where the system's loader looks for one dependency. */
export interface SearchResult {
  /** In search order. */
  readonly paths: readonly string[];
  /** The loader may also look elsewhere: a library that is not at `paths` is not necessarily missing. */
  readonly isIncomplete: boolean;
}

/** How one system finds dependencies. */
export interface Search {
  candidatesFor(name: string, dependent: Dependent): SearchResult;
  /** The search folders that the dependencies of `dependent` inherit. */
  inheritedFrom(dependent: Dependent): readonly string[];
  /** True for a path in a system folder: every plugin gets the same file from there. */
  isSystem(path: string): boolean;
}

/** Undefined for a format of another system. */
export async function searchFor(format: Format, libc: Libc | undefined): Promise<Search | undefined> {
  if (format === 'elf') return process.platform === 'linux' ? linuxSearch(await systemFolders(libc), libc) : undefined;
  if (format === 'pe') return process.platform === 'win32' ? windowsSearch() : undefined;
  return process.platform === 'darwin' ? macSearch : undefined;
}

const NOWHERE: SearchResult = { paths: [], isIncomplete: true };

/** musl's loader treats all of these as itself and looks for no file. */
const BUILT_INTO_MUSL = /^lib(c|pthread|rt|m|dl|util|xnet)\./;

function linuxSearch(system: readonly string[], libc: Libc | undefined): Search {
  const isMusl = libc?.flavour === 'musl';
  const environment = (process.env.LD_LIBRARY_PATH ?? '').split(/[:;]/).filter((folder) => folder !== '');
  const expand = (path: string, dependent: Dependent): string => path.replace(/\$(?:ORIGIN\b|\{ORIGIN\})/g, () => dirname(resolve(dependent.path)));
  const own = (dependent: Dependent): string[] => dependent.needs.searchPaths.map((folder) => expand(folder, dependent));
  const foldersOf = (dependent: Dependent): string[] => {
    // RPATH comes before LD_LIBRARY_PATH and is inherited; RUNPATH comes after it and is not. musl treats both alike.
    if (isMusl) return [...environment, ...own(dependent), ...dependent.inherited, ...system];
    if (dependent.needs.searchPathsInherited) return [...own(dependent), ...dependent.inherited, ...environment, ...system];
    if (dependent.needs.searchPaths.length > 0) return [...environment, ...own(dependent), ...system];
    return [...dependent.inherited, ...environment, ...system];
  };
  return {
    candidatesFor(name, dependent) {
      if (isMusl && BUILT_INTO_MUSL.test(name)) return NOWHERE;
      if (name.includes('/')) return { paths: [expand(name, dependent)], isIncomplete: false };
      const folders = foldersOf(dependent);
      // Only the loader knows the values of $LIB and $PLATFORM.
      const isIncomplete = folders.some((folder) => folder.includes('$'));
      return { paths: folders.filter((folder) => !folder.includes('$')).map((folder) => join(folder, name)), isIncomplete };
    },
    inheritedFrom: (dependent) => [...(isMusl || dependent.needs.searchPathsInherited ? own(dependent) : []), ...dependent.inherited],
    isSystem(path) {
      const folder = dirname(path);
      return [...system, ...environment].some((known) => folder === resolve(known)) || [...nodeLibraries().values()].includes(path);
    },
  };
}

/** Names that are no files: the loader knows which library each stands for. */
const API_SET = /^(?:api|ext)-ms-/i;

/** As `openLibrary` asks for it: the library's own folder, then the system's. */
export function windowsSearch(systemRoot = process.env.SystemRoot ?? 'C:\\Windows'): Search {
  const system = join(systemRoot, 'System32');
  return {
    candidatesFor: (name, { path }) => (API_SET.test(name) ? NOWHERE : { paths: [join(dirname(path), name), join(system, name)], isIncomplete: false }),
    inheritedFrom: () => [],
    isSystem: (path) => dirname(path).toLowerCase() === system.toLowerCase(),
  };
}

/** Follows only paths written in the library: the system's libraries are in a shared cache, not in files. */
const macSearch: Search = {
  candidatesFor(name, dependent) {
    const folders = [...dependent.needs.searchPaths.map((folder) => loaderPath(folder, dependent)), ...dependent.inherited];
    const paths = name.startsWith('@rpath/') ? folders.map((folder) => join(folder, name.slice('@rpath/'.length))) : [loaderPath(name, dependent)];
    return { paths: paths.filter((path) => path.startsWith('/')), isIncomplete: true };
  },
  inheritedFrom: (dependent) => [...dependent.needs.searchPaths.map((folder) => loaderPath(folder, dependent)), ...dependent.inherited],
  isSystem: (path) => /^\/(?:usr\/lib|System)\//.test(path),
};

const loaderPath = (path: string, dependent: Dependent): string => path.replace(/^@loader_path(?=\/|$)/, () => dirname(resolve(dependent.path)));
