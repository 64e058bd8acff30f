import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A file, folder or link in the plugin folder. */
export interface FolderEntry {
  /** Relative to the plugin folder, separated by `/`. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** In bytes; 0 for a folder. */
  readonly size: number;
}

/** Beyond these, the rest is not read. */
const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 16;

/** All entries under `folder`, sorted by name. Does not follow links. A folder that cannot be read counts as empty. */
export async function listFolder(folder: string): Promise<readonly FolderEntry[]> {
  const found: FolderEntry[] = [];
  const visit = async (at: string, depth: number): Promise<void> => {
    const names = await readdir(join(folder, at)).catch(() => []);
    for (const each of names.sort()) {
      if (found.length >= MAX_ENTRIES) return;
      const name = at === '' ? each : `${at}/${each}`;
      const entry = await entryAt(folder, name);
      if (entry !== undefined) found.push(entry);
      if (entry?.kind === 'folder' && depth < MAX_DEPTH) await visit(name, depth + 1);
    }
  };
  await visit('', 0);
  return found;
}

async function entryAt(folder: string, name: string): Promise<FolderEntry | undefined> {
  const stats = await lstat(join(folder, name)).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return { name, kind: 'folder', size: 0 };
  if (stats.isSymbolicLink()) return { name, kind: 'link', size: 0 };
  return { name, kind: stats.isFile() ? 'file' : 'other', size: stats.size };
}
