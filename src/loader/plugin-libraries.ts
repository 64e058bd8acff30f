import { basename } from 'node:path';
import { snapshotFile, type FileSnapshot } from '../files/file-digest.js';
import { fileStamp, isSameStamp } from '../files/file-stamp.js';
import type { Triage } from '../triage/index.js';

/** A name under which the system finds a library that is already mapped, and the file that was mapped under it. */
export interface NamedFile extends FileSnapshot {
  readonly name: string;
  /** The library ships with a plugin, so another plugin may ship a different file with this name. */
  readonly isBundled: boolean;
  /** The file has no SONAME or install name; the system knows it by its path alone. */
  readonly isNameless?: boolean;
}

/** The libraries that a plugin maps into a process. */
export interface PluginLibraries {
  readonly names: readonly NamedFile[];
  readonly goRuntime: boolean;
}

export const NO_LIBRARIES: PluginLibraries = { names: [], goRuntime: false };

/** Windows finds a module by its base name, ignoring case; other systems by the name that is written in the file. */
export const moduleKey = (name: string): string => (process.platform === 'win32' ? basename(name).toLowerCase() : name);

/** Hashes the libraries that a plugin ships, so that they can be recognized later. */
export function snapshotLibraries({ path, dependencies }: Triage): Promise<FileSnapshot[]> {
  const bundled = dependencies.flatMap((needed) => (needed.isBundled && needed.path !== undefined ? [needed.path] : []));
  return Promise.all([...new Set([path, ...bundled])].map(snapshotFile));
}

/** `snapshots`: the digests of its libraries, if they were read. */
export function pluginLibraries({ path, ownName, dependencies, traits }: Triage, snapshots: readonly FileSnapshot[] = []): PluginLibraries {
  const named = (name: string, file: string, isBundled: boolean): NamedFile => {
    const stamp = fileStamp(file);
    const known = snapshots.find((one) => one.path === file && isSameStamp(one.stamp, stamp));
    return { name: moduleKey(name), path: file, stamp, sha256: known?.sha256, isBundled };
  };
  const names = dependencies.flatMap((needed) => (needed.path === undefined ? [] : [named(needed.name, needed.path, needed.isBundled)]));
  // Listed by its path as well: another plugin's library may have the same name.
  const isNameless = ownName === undefined;
  const own = [
    { ...named(ownName ?? basename(path), path, true), isNameless },
    { ...named(path, path, true), name: path, isNameless },
  ];
  return { names: [...own, ...names], goRuntime: traits.goRuntime || dependencies.some(({ goRuntime }) => goRuntime) };
}
