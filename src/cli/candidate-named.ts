import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MANIFEST_FILENAME, readManifest } from '../manifest/index.js';
import { defaultPluginDirs, discover, type Candidate, type Discovery } from '../scan/index.js';
import { RefusedError, text, texts, type Arguments } from './command.js';
import { requireHome } from './require-home.js';

/** The plugin folder that an operand is the path of, wherever it is; undefined where it can only be an id. */
export async function pluginFolder(name: string): Promise<string | undefined> {
  const path = resolve(name);
  if (/[/\\]|^\.\.?$/.test(name)) return path;
  return access(join(path, MANIFEST_FILENAME)).then(
    () => path,
    () => undefined,
  );
}

/** @throws LoadError where the folder's manifest is not valid */
export async function candidateAt(path: string, hostVersion?: string): Promise<Candidate> {
  const manifestPath = join(path, MANIFEST_FILENAME);
  const manifest = await readManifest(manifestPath, hostVersion === undefined ? {} : { hostVersion });
  return { id: manifest.plugin.id, path, manifestPath, manifest };
}

/** Scans the folders that the arguments name. */
export function scan(args: Arguments): Promise<Discovery> {
  const hostVersion = text(args, 'host-version');
  const given = texts(args, 'dir');
  if (given === undefined && !process.env.AISOPOD_PLUGIN_PATH) requireHome('--dir or AISOPOD_PLUGIN_PATH');
  const pluginDirs = given ?? defaultPluginDirs();
  return discover({ pluginDirs, ...(hostVersion !== undefined && { hostVersion }) });
}

/**
 * The plugin that an operand means: the folder at that path, or else the id in the plugin folders.
 * @throws RefusedError; LoadError where its manifest is not valid
 */
export async function candidateNamed(name: string, args: Arguments): Promise<Candidate> {
  const folder = await pluginFolder(name);
  if (folder !== undefined) return candidateAt(folder, text(args, 'host-version'));
  const { candidates, refused } = await scan(args);
  const found = candidates.find(({ id }) => id === name);
  if (found !== undefined) return found;
  const refusal = refused.find(({ id }) => id === name);
  throw refusal?.error ?? new RefusedError(`there is no plugin ${name} in the plugin folders; see: aisopod-plugin list`);
}
