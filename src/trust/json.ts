import { Buffer, isUtf8 } from 'node:buffer';
import type * as z from 'zod';
import { LoadError, messageOf } from '../errors/index.js';
import { FileTooLargeError, NotRegularFileError, readBounded } from '../files/index.js';
import { quote } from '../manifest/describe.js';
import { parseOwn } from '../options/parse-own.js';
import { withIoError } from './path-safety.js';

/** A lock of 1,000 plugins with ten files each takes 1 MiB. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;

/** Reads an untrusted text file. @throws LoadError ERR_IO, ERR_LOCK_FILE */
export function readText(path: string): Promise<string> {
  return withIoError('read the file', path, async () => {
    const bytes = await readBounded(path, MAX_JSON_BYTES).catch((error: unknown) => {
      if (error instanceof NotRegularFileError) throw malformed('a file', error.found, path);
      if (error instanceof FileTooLargeError) throw malformed(`at most ${MAX_JSON_BYTES} bytes`, 'more', path);
      throw error;
    });
    if (!isUtf8(bytes)) throw malformed('UTF-8', 'bytes that are not UTF-8', path);
    return bytes.toString('utf8');
  });
}

/** @throws LoadError ERR_LOCK_FILE for the first problem, with its position */
export function parseJson<T extends z.ZodType>(schema: T, text: string, path: string | undefined): z.output<T> {
  if (Buffer.byteLength(text) > MAX_JSON_BYTES) throw malformed(`at most ${MAX_JSON_BYTES} bytes`, 'more', path);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw malformed('JSON', messageOf(cause), path);
  }
  const result = parseOwn(schema, document);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = ['document', ...(issue?.path ?? [])].map(String).join('.');
  if (issue?.code === 'unrecognized_keys') throw malformed('only known keys', `the unknown key ${quote(issue.keys[0] ?? '')} in ${where}`, path);
  throw malformed(issue?.message ?? 'a valid value', `another value at ${where}`, path);
}

function malformed(expected: string, found: string, path: string | undefined): LoadError {
  return new LoadError('ERR_LOCK_FILE', { expected, found }, { path });
}
