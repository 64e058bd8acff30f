import { readFile } from 'node:fs/promises';
import { LoadError, messageOf } from '../errors/index.js';

/** The text of a key file. @throws LoadError ERR_IO */
export async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new LoadError('ERR_IO', { operation: 'read the key', reason: messageOf(cause) }, { path, step: 'trust', cause });
  }
}
