import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { STEPS, systemCode } from '../errors/index.js';
import { id } from '../manifest/fields.js';
import { parseOwn } from '../options/parse-own.js';
import { retryHeld } from '../trust/held-files.js';
import { readOwn } from '../trust/read-own.js';
import { withIoError } from '../trust/path-safety.js';
import { inState } from './state-error.js';

/** Record files are far smaller than this. */
const MAX_BYTES = 16_384;

/** The latest time that Date can represent. */
export const LATEST = 8_640_000_000_000_000;

/** The form of a `pluginKey`. */
export const KEY = '[0-9a-f]{64}';
export const UUID = '[0-9a-f-]{36}';

/** A process has a few counters, one for each level of its cgroup. */
const MAX_COUNTERS = 64;

export const MAX_LENGTH = { path: 4096, words: 256 } as const;

const time = z.int().min(0).max(LATEST);
const path = z.string().max(MAX_LENGTH.path);
const words = z.string().max(MAX_LENGTH.words);

/** One crash, as stored on disk. The file name begins with the key. */
export const crashRecord = z.strictObject({
  pluginId: id,
  path,
  signal: words.nullable(),
  exitCode: z.int().nullable(),
  reason: words,
  during: words,
  at: time,
  until: time,
});
export type CrashRecord = z.output<typeof crashRecord>;

/** Allows only files of the kernel, because they are read again: any other path could be a pipe. */
const counted = z.strictObject({
  of: z.enum(['memory', 'threads']),
  file: path.regex(/^\/proc\/vmstat$|^\/sys\/fs\/cgroup\/(?!.*\.\.\/)/),
  key: z.enum(['oom_kill', 'max']),
  inode: z.int().min(0),
  count: z.int().min(0),
});

/** A crash marker: the step that an in-process plugin is in. */
export const markerRecord = z.strictObject({
  key: z.string().regex(new RegExp(`^${KEY}$`)),
  pluginId: id,
  path,
  step: z.enum(STEPS),
  at: time,
  boot: words,
  shortages: z.array(counted).max(MAX_COUNTERS),
});

/** A plugin that has passed probation with its current files. */
export const survivalRecord = z.strictObject({ pluginId: id, path, at: time });

/** Errors after which the file may still be valid. */
const TEMPORARY = ['EMFILE', 'ENFILE', 'ENOMEM', 'EIO', 'EBUSY'];

/** The record in a file, or `undefined` if it is damaged, too large, missing, or owned by another user. @throws LoadError ERR_IO */
export async function readRecord<T extends z.ZodType>(schema: T, file: string): Promise<z.output<T> | undefined> {
  try {
    const document: unknown = JSON.parse(await retryHeld(() => readOwn(file, MAX_BYTES)));
    return parseOwn(schema, document).data;
  } catch (error) {
    if (!TEMPORARY.includes(systemCode(error) ?? '')) return undefined;
    return withIoError('read the file', file, () => Promise.reject(error as Error));
  }
}

/** The names in a folder that may not exist yet. `operation` is for the error. @throws LoadError ERR_STATE_FOLDER */
export function namesIn(folder: string, operation: string): Promise<readonly string[]> {
  return inState(operation, folder, async () => {
    try {
      return await readdir(folder);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      requireNoFileAbove(folder);
      return [];
    }
  });
}

/** Windows reports a path below a file as if it did not exist. @throws Error with the code ENOTDIR */
function requireNoFileAbove(folder: string): void {
  for (let above = folder; above !== dirname(above); above = dirname(above)) {
    const stats = statSync(above, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) return;
    if (stats !== undefined) throw Object.assign(new Error(`${above} is not a folder`), { code: 'ENOTDIR' });
  }
}
