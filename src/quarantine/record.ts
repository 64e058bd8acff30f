import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import { STEPS, systemCode } from '../errors/index.js';
import { id } from '../manifest/fields.js';
import { parseOwn } from '../options/parse-own.js';
import { readOwn } from '../trust/read-own.js';
import { withIoError } from '../trust/path-safety.js';
import { inState } from './state-error.js';

/** In bytes; what is written has far less. */
const MAX_BYTES = 16_384;

/** The latest moment that Date can hold. */
export const LATEST = 8_640_000_000_000_000;

/** How `pluginKey` makes them. */
export const KEY = '[0-9a-f]{64}';
export const UUID = '[0-9a-f-]{36}';

/** A process has a few, one for each level of its cgroup. */
const MAX_COUNTERS = 64;

export const LONGEST = { path: 4096, words: 256 } as const;

const time = z.int().min(0).max(LATEST);
const path = z.string().max(LONGEST.path);
const words = z.string().max(LONGEST.words);

/** One crash, as it is on the disk; the name of its file begins with the key. */
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

/** Only files that the kernel makes are read again: anybody's path could be a pipe. */
const counted = z.strictObject({
  of: z.enum(['memory', 'threads']),
  file: path.regex(/^\/proc\/vmstat$|^\/sys\/fs\/cgroup\/(?!.*\.\.\/)/),
  key: z.enum(['oom_kill', 'max']),
  inode: z.int().min(0),
  count: z.int().min(0),
});

/** A crash marker: one step of an in-process plugin that a host is in. */
export const markerRecord = z.strictObject({
  key: z.string().regex(new RegExp(`^${KEY}$`)),
  pluginId: id,
  path,
  step: z.enum(STEPS),
  at: time,
  boot: words,
  shortages: z.array(counted).max(MAX_COUNTERS),
});

/** A plugin whose bytes have been through their life in a throw-away child. */
export const survivalRecord = z.strictObject({ pluginId: id, path, at: time });

/** The file may be as good as ever. */
const NOT_NOW = ['EMFILE', 'ENFILE', 'ENOMEM', 'EIO'];

/** What the file holds, or `undefined` where it is damaged, too large, somebody else's, or not there. @throws LoadError ERR_IO */
export async function readRecord<T extends z.ZodType>(schema: T, file: string): Promise<z.output<T> | undefined> {
  try {
    const document: unknown = JSON.parse(await readOwn(file, MAX_BYTES));
    return parseOwn(schema, document).data;
  } catch (error) {
    if (!NOT_NOW.includes(systemCode(error) ?? '')) return undefined;
    return withIoError('read the file', file, () => Promise.reject(error as Error));
  }
}

/** The names in a folder that may not have been made yet; `toKnow` is for the error. @throws LoadError ERR_STATE_FOLDER */
export function namesIn(folder: string, toKnow: string): Promise<readonly string[]> {
  return inState(`know ${toKnow}`, folder, async () => {
    try {
      return await readdir(folder);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  });
}
