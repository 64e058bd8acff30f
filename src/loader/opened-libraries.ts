import { fileStamp, isSameStamp, type FileStamp } from '../files/file-stamp.js';
import { NO_LIBRARIES, type PluginLibraries } from './plugin-libraries.js';

/** A library that is mapped in a process. It stays mapped until the process ends, or until it is unloaded (unload-plugin.ts). */
export interface OpenedLibrary {
  readonly pluginId: string;
  readonly path: string;
  readonly stamp: FileStamp | undefined;
  /** The libraries that it mapped: itself, and those that it needs. */
  readonly mapped: PluginLibraries;
  /** Identifies the host whose plugin it is; `undefined` in a child, which has one host. */
  readonly host: object | undefined;
  /** Code of a plugin may still run in it. */
  readonly isInUse: boolean;
  /** Something other than a host has opened it. */
  readonly isForeign?: true;
  /** It is of a generation that was replaced, and this is why it could not be unmapped. */
  readonly keptBecause?: string;
}

/** The right to open one library. */
export interface Claim {
  /** The same file is mapped already, unchanged and unused; opening it returns that mapping, with the values its globals have now. */
  readonly isReused: boolean;
  /** Call when none of the plugin's code runs any more. */
  release(): void;
  /** Call when the library is not mapped: opening it failed, or it was closed. */
  forget(): void;
  /** Uses the library again, to close it. Returns false if code of a plugin may still run in it, or another claim has it. */
  reclaim(): boolean;
  /** Notes why the library was not unmapped. */
  keep(reason: string): void;
}

/** Why a path must not be opened, as a sentence. */
export interface Conflict {
  readonly reason: string;
}

/**
 * The libraries that hosts have opened in one process: `openedHere` for this process, and one instance for each child.
 * Both are on the host's side; ask before a library is opened.
 *
 * The system does not map a file twice. Asked for a path that was opened before, glibc returns the old mapping even if
 * the path now names another file; every system does so for another name of the same file. So a path is opened only if
 * nothing is mapped under that path or from that file, or if the same file is mapped, unchanged and unused. Otherwise
 * the plugin is loaded from a private copy.
 *
 * A needed library is found by its SONAME first, and a private copy does not change that: see `requireOwnLibraries`.
 * An entry counts even if it is not in use.
 */
export class OpenedLibraries {
  #libraries: Entry[] = [];

  get libraries(): readonly OpenedLibrary[] {
    return this.#libraries;
  }

  /** Synchronous, so that of two plugins that are loaded at once only one gets the path. */
  claim(path: string, pluginId: string, mapped: PluginLibraries = NO_LIBRARIES, host?: object): Claim | Conflict {
    const conflict = this.conflictAt(path);
    if (conflict !== undefined) return conflict;
    const stamp = fileStamp(path);
    const known = this.#libraries.find((library) => library.path === path);
    this.#libraries = this.#libraries.filter((library) => library !== known);
    return this.#open({ pluginId, path, stamp, mapped, host, isInUse: true }, known !== undefined);
  }

  /** Why `claim` would not grant this path; `undefined` if it would. */
  conflictAt(path: string): Conflict | undefined {
    const stamp = fileStamp(path);
    const mapped = this.#libraries.filter((library) => library.path === path || (stamp !== undefined && library.stamp?.file === stamp.file));
    const user = mapped.find((library) => library.isInUse);
    if (user !== undefined) return { reason: `the library is in use in the same process, by plugin ${user.pluginId}` };
    if (mapped.some(({ isForeign }) => isForeign)) return { reason: 'something else has this library open in the same process' };
    const isOther = mapped.some((library) => library.path !== path || !isSameStamp(library.stamp, stamp));
    return isOther ? { reason: 'other bytes are mapped from this file or under its path' } : undefined;
  }

  /** Records that something else has mapped this path or this file. */
  block(path: string): void {
    this.#libraries.push({ pluginId: '', path, stamp: fileStamp(path), mapped: NO_LIBRARIES, host: undefined, isInUse: false, isForeign: true });
  }

  /** Whether every library inside `folder` could be claimed. */
  isFree(folder: string): boolean {
    const mapped = this.#libraries.filter(({ path }) => isInside(path, folder));
    return mapped.every(({ isInUse, isForeign, path, stamp }) => !isInUse && isForeign !== true && isSameStamp(stamp, fileStamp(path)));
  }

  #open(entry: Entry, isReused = false): Claim {
    this.#libraries.push(entry);
    return {
      isReused,
      release: () => (entry.isInUse = false),
      forget: () => (this.#libraries = this.#libraries.filter((library) => library !== entry)),
      reclaim: () => !entry.isInUse && this.#libraries.includes(entry) && (entry.isInUse = true),
      keep: (reason) => (entry.keptBecause = reason),
    };
  }
}

/** The libraries opened in this process. */
export const openedHere = new OpenedLibraries();

type Entry = { -readonly [K in keyof OpenedLibrary]: OpenedLibrary[K] };

export const isInside = (path: string, folder: string): boolean => path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`);
