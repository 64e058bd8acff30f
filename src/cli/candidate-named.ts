import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MANIFEST_FILENAME, readManifest } from '../manifest/index.js';
import type { Candidate } from '../scan/index.js';
import type { Arguments } from './command.js';
import { survey } from './survey.js';

/**
 * The plugin that an operand means: the folder at that path, wherever it is, or else the id in the plugin folders.
 * @throws LoadError where the folder's manifest is not valid
 */
export async function candidateNamed(name: string, args: Arguments): Promise<Candidate | undefined> {
  const path = resolve(name);
  if (await isFolder(path)) {
    const manifestPath = join(path, MANIFEST_FILENAME);
    const manifest = await readManifest(manifestPath);
    return { id: manifest.plugin.id, path, manifestPath, manifest };
  }
  return (await survey(args)).find((plugin) => plugin.id === name && plugin.candidate !== undefined)?.candidate;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
