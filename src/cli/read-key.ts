import { ioError } from '../errors/index.js';
import { readBounded } from '../files/index.js';

/** Far larger than any PEM key. */
const MAX_KEY_BYTES = 64 * 1024;

/** Reads a key file. @throws LoadError ERR_IO */
export async function readKey(path: string): Promise<string> {
  try {
    return (await readBounded(path, MAX_KEY_BYTES)).toString('utf8');
  } catch (cause) {
    throw ioError('read the key', cause, { path, step: 'trust' });
  }
}
