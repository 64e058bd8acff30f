import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { LoadError, messageOf } from '../errors/index.js';

/** Writes beside `path`, then takes its place. Of several writers at once the last one wins, whole. @throws LoadError ERR_IO */
export async function writeAtomically(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new LoadError('ERR_IO', { operation: 'write the file', reason: messageOf(cause) }, { path, step: 'trust', cause });
  }
}
