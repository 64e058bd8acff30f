import { isUtf8 } from 'node:buffer';
import { constants, open } from 'node:fs/promises';
import type { z } from 'zod';
import { LoadError, messageOf } from '../errors/index.js';
import { reading } from './way.js';

/** In bytes. A lock of 1,000 plugins with ten files each has 1 MiB. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;

/** Opening a named pipe would otherwise wait for somebody to write to it. Windows has no such flag. */
export const READ_FLAGS = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** The text of a file that may be anybody's. @throws LoadError ERR_IO, ERR_LOCK_FILE */
export function readText(path: string): Promise<string> {
  return reading('read the file', path, async () => {
    const file = await open(path, READ_FLAGS);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw malformed('a file', 'something else', path);
      if (stats.size > MAX_JSON_BYTES) throw malformed(`at most ${MAX_JSON_BYTES} bytes`, `${stats.size}`, path);
      // No further than its size was: a file that keeps growing would never end.
      const { buffer, bytesRead } = await file.read(Buffer.alloc(stats.size), 0, stats.size, 0);
      const bytes = buffer.subarray(0, bytesRead);
      if (!isUtf8(bytes)) throw malformed('UTF-8', 'other bytes', path);
      return bytes.toString('utf8');
    } finally {
      await file.close();
    }
  });
}

/** @throws LoadError ERR_LOCK_FILE with the first thing that is wrong and where it is. */
export function parseJson<T extends z.ZodType>(schema: T, text: string, path: string | undefined): z.output<T> {
  if (Buffer.byteLength(text) > MAX_JSON_BYTES) throw malformed(`at most ${MAX_JSON_BYTES} bytes`, 'more', path);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw malformed('JSON', messageOf(cause), path);
  }
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = ['document', ...(issue?.path ?? [])].map(String).join('.');
  throw malformed(issue?.code === 'unrecognized_keys' ? 'known keys only' : (issue?.message ?? 'another'), `something else in ${where}`, path);
}

function malformed(expected: string, found: string, path: string | undefined): LoadError {
  return new LoadError('ERR_LOCK_FILE', { expected, found }, { path });
}
