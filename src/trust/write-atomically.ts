import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { ioError, type LoadError } from '../errors/index.js';
import { removeHeldSync, renameHeld, renameHeldSync } from './held-files.js';

/**
 * Writes a temporary file beside `path` and renames it. With concurrent writers, the last one wins.
 * `option`: the host's option that names the folder. @throws LoadError ERR_IO
 */
export async function writeAtomically(path: string, content: string, mode: number, option?: string): Promise<void> {
  const temporary = beside(path);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameHeld(temporary, path);
  } catch (cause) {
    removeIfPossible(temporary);
    throw unwritten(path, option, cause);
  }
}

/** The same, synchronously: for content that must be on disk before anything else happens. @throws LoadError ERR_IO */
export function writeAtomicallySync(path: string, content: string, mode: number, option?: string): void {
  const temporary = beside(path);
  try {
    writeFileSync(temporary, content, { flag: 'wx', mode, flush: true });
    renameHeldSync(temporary, path);
  } catch (cause) {
    removeIfPossible(temporary);
    throw unwritten(path, option, cause);
  }
}

function removeIfPossible(path: string): void {
  try {
    removeHeldSync(path);
  } catch {
    // The original error is the one to report.
  }
}

const beside = (path: string): string => `${path}.${randomUUID()}.tmp`;

const unwritten = (path: string, option: string | undefined, cause: unknown): LoadError =>
  ioError('write the file', cause, { path, step: 'trust' }, { writes: true, ...(option !== undefined && { option }) });
