import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { PluginError } from '../../errors/index.js';
import { MANIFEST_FILENAME, readManifest, type Manifest } from '../../manifest/index.js';
import { resolveLibrary } from '../../scan/index.js';
import { readLinkage, triage, type Linkage, type Triage } from '../../triage/index.js';
import { bringsAllocator } from '../../triage/dependencies.js';
import type { Subject } from './check.js';
import { listFolder, type FolderEntry } from './list-folder.js';
import { platformOfFolder, targetOf, targetOfFile, type LibraryFolder } from './platform-folders.js';

/** A library in the plugin folder that a host on some platform would open. */
export interface LibraryFile {
  /** Relative to the plugin folder, separated by `/`. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Undefined if it is in the plugin folder itself and its format says the platform. */
  readonly platform: LibraryFolder | undefined;
  /** Judged for the platform of its folder. Undefined if the file cannot be read as a library. */
  readonly triage: Triage | undefined;
  readonly error: PluginError | undefined;
  /** ELF: what it imports. */
  readonly linkage: Linkage | undefined;
}

/** Everything that the static checks need, read once. */
export interface PluginContents {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest | undefined;
  readonly manifestError: PluginError | undefined;
  /** The library for this machine. */
  readonly library: LibraryFile | undefined;
  /** Why there is none. */
  readonly libraryError: PluginError | undefined;
  /** The libraries for all platforms, the one for this machine among them. */
  readonly libraries: readonly LibraryFile[];
  readonly entries: readonly FolderEntry[];
}

export async function readContents(folder: string): Promise<PluginContents> {
  const entries = await listFolder(folder);
  const { value: manifest, error: manifestError } = await attempt(() => readManifest(join(folder, MANIFEST_FILENAME)));
  if (manifest === undefined) return { folder, entries, manifest, manifestError, library: undefined, libraryError: undefined, libraries: [] };
  const { entryPoint } = manifest.plugin;
  const { value: own, error: libraryError } = await attempt(() => resolveLibrary(folder, entryPoint));
  const files = entries.filter(({ name }) => isLibraryOf(name, entryPoint)).map(({ name }) => join(folder, name));
  const paths = [...new Set([...(own === undefined ? [] : [own]), ...files])];
  const libraries = await Promise.all(paths.map((path) => readLibrary(folder, path)));
  return { folder, entries, manifest, manifestError, library: own === undefined ? undefined : libraries[0], libraryError, libraries };
}

/** What a dynamic check needs; undefined if the plugin cannot be run. `config` is JSON. */
export function subjectOf({ folder, manifest, library }: PluginContents, config?: string): Subject | undefined {
  if (manifest === undefined || library?.triage === undefined || library.triage.verdict.kind === 'unfit') return undefined;
  return { folder, manifest, libraryPath: library.path, prefersOwnNames: !bringsAllocator(library.triage), hasGoRuntime: library.triage.traits.goRuntime, config };
}

/** `name` is a path in the plugin folder: a library in it, or in the folder of a platform. */
function isLibraryOf(name: string, entryPoint: string): boolean {
  const parts = name.split('/');
  const isPlace = parts.length === 1 || (parts.length === 2 && platformOfFolder(parts[0] ?? '') !== undefined);
  return isPlace && [`lib${entryPoint}.so`, `lib${entryPoint}.dylib`, `${entryPoint}.dll`].includes(parts.at(-1) ?? '');
}

async function readLibrary(folder: string, path: string): Promise<LibraryFile> {
  const place = dirname(path) === folder ? undefined : platformOfFolder(basename(dirname(path)));
  const { value, error } = await attempt(() => (place === undefined ? triageFile(path) : triage(path, targetOf(place))));
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  return { name: relative(folder, path).split(sep).join('/'), path, size, platform: place, triage: value, error, linkage: await readLinkage(path) };
}

async function triageFile(path: string): Promise<Triage> {
  const found = await triage(path, targetOfFile(path, process.arch));
  const target = targetOfFile(path, found.arch);
  return target.arch === found.arch && target.arch !== process.arch ? triage(path, target) : found;
}

async function attempt<T>(run: () => Promise<T>): Promise<{ readonly value: T | undefined; readonly error: PluginError | undefined }> {
  try {
    return { value: await run(), error: undefined };
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return { value: undefined, error };
  }
}
