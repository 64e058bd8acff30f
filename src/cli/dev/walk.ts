import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders that hold neither sources nor results. */
const SKIPPED = new Set(['node_modules', 'CMakeFiles', '_deps', 'deps', 'incremental']);
const MAX_DEPTH = 8;
const MAX_FILES = 20_000;

export interface Walked {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** Every file and folder in `root`, except hidden folders and those that `isSkipped`. */
export async function walk(root: string, isSkipped: (folder: string) => boolean = () => false): Promise<Walked> {
  const folders: string[] = [];
  const files: string[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    folders.push(folder);
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) files.push(path);
      else if (depth < MAX_DEPTH && files.length < MAX_FILES && !entry.name.startsWith('.') && !SKIPPED.has(entry.name) && !isSkipped(path)) {
        await visit(path, depth + 1);
      }
    }
  };
  await visit(root, 0);
  return { folders, files };
}
