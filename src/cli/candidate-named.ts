import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MANIFEST_FILENAME, readManifest } from '../manifest/index.js';
import { defaultPluginDirs, discover, type Candidate, type Discovery } from '../scan/index.js';
import { RefusedError, text, texts, type Arguments } from './command.js';
import { requireHome } from './require-home.js';
import { printError, type Terminal } from './terminal.js';

/** The plugin folder that an operand names; undefined if the operand can only be an id. */
export async function pluginFolder(name: string): Promise<string | undefined> {
  const path = resolve(name);
  if (/[/\\]|^\.\.?$/.test(name)) return path;
  return access(join(path, MANIFEST_FILENAME)).then(
    () => path,
    () => undefined,
  );
}

/** @throws LoadError if the manifest is invalid */
export async function candidateAt(path: string, hostVersion?: string): Promise<Candidate> {
  const manifestPath = join(path, MANIFEST_FILENAME);
  const manifest = await readManifest(manifestPath, hostVersion === undefined ? {} : { hostVersion });
  return { id: manifest.plugin.id, path, manifestPath, manifest };
}

/** The folders to scan: those of `--dir`, or else the default ones. */
export const foldersOf = (args: Arguments): readonly string[] => texts(args, 'dir') ?? defaultPluginDirs();

/** Says which folders of `--dir` do not exist: a scan takes them for folders without plugins. */
export function warnOfMissingFolders(args: Arguments, terminal: Terminal): void {
  for (const folder of texts(args, 'dir') ?? []) if (!existsSync(folder)) printError(terminal, `--dir ${folder}: there is no such folder`);
}

/** Scans the folders given by the arguments. */
export function scan(args: Arguments): Promise<Discovery> {
  const hostVersion = text(args, 'host-version');
  const isNamed = Boolean(process.env.AISOPOD_PLUGIN_PATH) || Boolean(process.env.AISOPOD_PLUGIN_PATHS);
  if (texts(args, 'dir') === undefined && !isNamed) requireHome('--dir or AISOPOD_PLUGIN_PATH');
  return discover({ pluginDirs: foldersOf(args), ...(hostVersion !== undefined && { hostVersion }) });
}

/**
 * Finds the plugin that an operand names, by path or else by id.
 * @throws RefusedError if there is none; LoadError if its manifest is invalid
 */
export async function candidateNamed(name: string, args: Arguments): Promise<Candidate> {
  const folder = await pluginFolder(name);
  if (folder !== undefined) return candidateAt(folder, text(args, 'host-version'));
  const { candidates, refused } = await scan(args);
  const found = candidates.find(({ id }) => id === name);
  if (found !== undefined) return found;
  const refusal = refused.find(({ id }) => id === name);
  throw refusal?.error ?? new RefusedError(`no plugin with the id ${name} was found; to list plugins: aisopod-plugin list`);
}
