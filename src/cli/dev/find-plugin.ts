import { stat } from 'node:fs/promises';
import { basename, dirname, relative } from 'node:path';
import { MANIFEST_FILENAME, readManifest, type Manifest } from '../../manifest/index.js';
import { currentPlatform, libraryFilename, libraryFolders } from '../../scan/index.js';
import { RefusedError } from '../command.js';
import { walk } from './walk.js';

/** A plugin that a build has made. */
export interface BuiltPlugin {
  readonly manifest: Manifest;
  /** The folder of its manifest. */
  readonly folder: string;
  readonly library: string;
  /** Whether `folder` is a plugin folder with the library in it: all of it belongs to the plugin. */
  readonly isComplete: boolean;
}

interface File {
  readonly path: string;
  readonly time: number;
}

/**
 * Finds the plugin of a project: its newest library, with the manifest beside it, or else another manifest that names it.
 * @throws RefusedError if there is none, or more than one; LoadError if the manifest is invalid
 */
export async function findPlugin(project: string, { id, library }: { readonly id?: string | undefined; readonly library?: string | undefined }): Promise<BuiltPlugin> {
  const { files } = await walk(project);
  const manifests = files.filter((file) => basename(file) === MANIFEST_FILENAME);
  if (manifests.length === 0) throw new RefusedError(`${project} has no ${MANIFEST_FILENAME}, and its build has not made one`);
  const read = await Promise.all(manifests.map(async (path) => ({ folder: dirname(path), ...(await settled(readManifest(path))) })));
  const found: (BuiltPlugin & { readonly time: number })[] = [];
  for (const { folder, value: manifest } of read) {
    if (manifest === undefined || (id !== undefined && manifest.plugin.id !== id)) continue;
    const newest = await newestOf(library === undefined ? librariesNamed(manifest.plugin.entryPoint, files) : [library]);
    if (newest === undefined) continue;
    const isComplete = folder !== project && libraryFolders(folder, currentPlatform()).includes(dirname(newest.path));
    found.push({ manifest, folder, library: newest.path, isComplete, time: newest.time });
  }
  const [best, ...others] = found.sort((a, b) => Number(b.isComplete) - Number(a.isComplete) || a.folder.length - b.folder.length);
  if (best === undefined) throw failureOf(read, project, id);
  const ids = new Set([best, ...others].map(({ manifest }) => manifest.plugin.id));
  if (ids.size > 1) throw new RefusedError(`${project} has several plugins (${[...ids].sort().join(', ')}): choose one with --id`);
  return best;
}

/** A manifest that cannot be read counts only if there is no plugin without it. */
function failureOf(read: readonly { readonly error?: unknown; readonly value?: Manifest }[], project: string, id: string | undefined): unknown {
  const broken = read.find(({ error }) => error !== undefined);
  if (broken !== undefined) return broken.error;
  const names = read.flatMap(({ value }) => (value === undefined ? [] : libraryFilename(value.plugin.entryPoint)));
  const what = id === undefined ? '' : ` of the plugin ${id}`;
  return new RefusedError(`no library${what} was found in ${project} (looked for ${[...new Set(names)].join(', ')})`);
}

async function settled<T>(promise: Promise<T>): Promise<{ readonly value?: T; readonly error?: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** Cargo writes `_` for each `-` in the name of a library. */
function librariesNamed(entryPoint: string, files: readonly string[]): readonly string[] {
  const names = [libraryFilename(entryPoint), libraryFilename(entryPoint.replaceAll('-', '_'))];
  return files.filter((file) => names.includes(basename(file)));
}

async function newestOf(paths: readonly string[]): Promise<File | undefined> {
  const files = await Promise.all(paths.map((path) => stat(path).then(({ mtimeMs: time }): File => ({ path, time }), () => undefined)));
  // Of equal times, the one beside a manifest.
  return files.filter((file) => file !== undefined).sort((a, b) => b.time - a.time)[0];
}

/** The files of a plugin, relative to its folder, without its library. */
export async function otherFiles({ manifest, folder, library, isComplete }: BuiltPlugin): Promise<readonly string[]> {
  if (!isComplete) return [MANIFEST_FILENAME, ...(manifest.config === undefined ? [] : [manifest.config.schema])];
  const { files } = await walk(folder);
  return files.filter((file) => file !== library).map((file) => relative(folder, file));
}
