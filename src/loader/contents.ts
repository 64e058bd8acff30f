import { basename } from 'node:path';
import { seeFile, type SeenFile } from '../files/file-digest.js';
import { fileStamp, isSameStamp } from '../files/file-stamp.js';
import type { Triage } from '../triage/index.js';

/** A name by which a library is found in a process once it is mapped, and the file that it stood for. */
export interface NamedFile extends SeenFile {
  readonly name: string;
  /** A plugin brings it: elsewhere the name may stand for another file. */
  readonly isBundled: boolean;
  /** The name is not written in the file; it is known by its path alone. */
  readonly isNameless?: boolean;
}

/** What a plugin maps into a process. */
export interface Contents {
  readonly names: readonly NamedFile[];
  readonly goRuntime: boolean;
}

export const NO_CONTENTS: Contents = { names: [], goRuntime: false };

/** Windows knows a module by its base name, in any case; other systems by the name that is written in the file. */
export const keyOf = (name: string): string => (process.platform === 'win32' ? basename(name).toLowerCase() : name);

/** Reads the libraries that a plugin brings, so that they can be recognized later. */
export function seeLibraries({ path, dependencies }: Triage): Promise<SeenFile[]> {
  const bundled = dependencies.flatMap((needed) => (needed.isBundled && needed.path !== undefined ? [needed.path] : []));
  return Promise.all([...new Set([path, ...bundled])].map(seeFile));
}

/** `seen`: what is known of the bytes of its libraries. */
export function contentsOf({ path, ownName, dependencies, traits }: Triage, seen: readonly SeenFile[] = []): Contents {
  const named = (name: string, file: string, isBundled: boolean): NamedFile => {
    const stamp = fileStamp(file);
    const known = seen.find((one) => one.path === file && isSameStamp(one.stamp, stamp));
    return { name: keyOf(name), path: file, stamp, sha256: known?.sha256, isBundled };
  };
  const names = dependencies.flatMap((needed) => (needed.path === undefined ? [] : [named(needed.name, needed.path, needed.isBundled)]));
  // The path as well: another plugin's library may call itself so.
  const isNameless = ownName === undefined;
  const own = [
    { ...named(ownName ?? basename(path), path, true), isNameless },
    { ...named(path, path, true), isNameless },
  ];
  return { names: [...own, ...names], goRuntime: traits.goRuntime || dependencies.some(({ goRuntime }) => goRuntime) };
}
