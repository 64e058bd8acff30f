import { dirname, join, resolve } from 'node:path';
import type { Format, Libc, Needs } from './facts.js';
import { ownLibraries } from './own-libraries.js';
import { systemFolders } from './system-folders.js';

/** A library that needs others. */
export interface User {
  readonly path: string;
  readonly needs: Needs;
  /** Folders, expanded, that the libraries before it hand down to it. */
  readonly inherited: readonly string[];
}

/** Where the system's loader looks for one needed library. */
export interface Places {
  /** In order. */
  readonly paths: readonly string[];
  /** There may be other places: a file that is not at `paths` is not necessarily missing. */
  readonly isIncomplete: boolean;
}

/** How one system finds needed libraries. */
export interface Search {
  placesOf(name: string, user: User): Places;
  /** The folders that `user` hands down to the libraries that it needs. */
  handsDown(user: User): readonly string[];
  /** A path in a folder of the system's, from which every plugin gets the same file. */
  isSystem(path: string): boolean;
}

/** Undefined for a format that is not this system's: its libraries are not looked for here. */
export async function searchFor(format: Format, libc: Libc | undefined): Promise<Search | undefined> {
  if (format === 'elf') return process.platform === 'linux' ? linuxSearch(await systemFolders(libc), libc) : undefined;
  if (format === 'pe') return process.platform === 'win32' ? windowsSearch : undefined;
  return process.platform === 'darwin' ? macSearch : undefined;
}

const NOWHERE: Places = { paths: [], isIncomplete: true };

/** musl's loader takes all of these for itself, whatever files there are. */
const BUILT_INTO_MUSL = /^lib(c|pthread|rt|m|dl|util|xnet)\./;

function linuxSearch(system: readonly string[], libc: Libc | undefined): Search {
  const isMusl = libc?.flavour === 'musl';
  const environment = (process.env.LD_LIBRARY_PATH ?? '').split(/[:;]/).filter((folder) => folder !== '');
  const expand = (path: string, user: User): string => path.replace(/\$(?:ORIGIN\b|\{ORIGIN\})/g, () => dirname(resolve(user.path)));
  const own = (user: User): string[] => user.needs.searchPaths.map((folder) => expand(folder, user));
  const foldersOf = (user: User): string[] => {
    // RPATH comes before the environment and is handed down; RUNPATH comes after it and is not. musl knows one of the two.
    if (isMusl) return [...environment, ...own(user), ...user.inherited, ...system];
    if (user.needs.searchPathsInherited) return [...own(user), ...user.inherited, ...environment, ...system];
    if (user.needs.searchPaths.length > 0) return [...environment, ...own(user), ...system];
    return [...user.inherited, ...environment, ...system];
  };
  return {
    placesOf(name, user) {
      if (isMusl && BUILT_INTO_MUSL.test(name)) return NOWHERE;
      if (name.includes('/')) return { paths: [expand(name, user)], isIncomplete: false };
      const folders = foldersOf(user);
      // $LIB and $PLATFORM are the loader's own.
      const isIncomplete = folders.some((folder) => folder.includes('$'));
      return { paths: folders.filter((folder) => !folder.includes('$')).map((folder) => join(folder, name)), isIncomplete };
    },
    handsDown: (user) => [...(isMusl || user.needs.searchPathsInherited ? own(user) : []), ...user.inherited],
    isSystem(path) {
      const folder = dirname(path);
      return [...system, ...environment].some((known) => folder === resolve(known)) || [...ownLibraries().values()].includes(path);
    },
  };
}

/** Only what lies beside the library: other names are the system's, and many of those are no files (API sets). */
const windowsSearch: Search = {
  placesOf: (name, { path }) => ({ paths: [join(dirname(path), name)], isIncomplete: true }),
  handsDown: () => [],
  isSystem: () => false,
};

/** Only what is named by a path in the library: the system keeps its own libraries in a cache without files. */
const macSearch: Search = {
  placesOf(name, user) {
    const folders = [...user.needs.searchPaths.map((folder) => loaderPath(folder, user)), ...user.inherited];
    const paths = name.startsWith('@rpath/') ? folders.map((folder) => join(folder, name.slice('@rpath/'.length))) : [loaderPath(name, user)];
    return { paths: paths.filter((path) => path.startsWith('/')), isIncomplete: true };
  },
  handsDown: (user) => [...user.needs.searchPaths.map((folder) => loaderPath(folder, user)), ...user.inherited],
  isSystem: (path) => /^\/(?:usr\/lib|System)\//.test(path),
};

const loaderPath = (path: string, user: User): string => path.replace(/^@loader_path(?=\/|$)/, () => dirname(resolve(user.path)));
