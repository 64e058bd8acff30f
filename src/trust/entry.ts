import { Buffer } from 'node:buffer';
import { optionError } from '../options/option-error.js';
import { compareBytes } from './compare-bytes.js';

/** In the plugin folder. Not hashed, because it contains the hashes, and not copied, because only verified files are. */
export const SIGNATURE_FILENAME = 'aisopod.plugin.sig';

/** One file of a plugin. */
export interface FileHash {
  /** Relative to the plugin folder, separated by `/`. */
  readonly path: string;
  /** 64 lowercase hexadecimal digits. */
  readonly sha256: string;
}

/** The identity and all file hashes of a plugin, as stored in a lock file and signed by its author. Plain data. */
export interface LockEntry {
  readonly id: string;
  readonly version: string;
  /** `<platform>-<arch>` in Node's names (`linux-x64`), or `all` if the folder contains libraries for several platforms. */
  readonly platform: string;
  /** All files in the plugin folder except the signature, sorted by the bytes of their paths. */
  readonly files: readonly FileHash[];
}

export const hostPlatform = (): string => `${process.platform}-${process.arch}`;

export const sorted = (files: readonly FileHash[]): FileHash[] => [...files].sort((a, b) => compareBytes(a.path, b.path));

const isFileHash = (value: unknown): value is FileHash => {
  const { path, sha256 } = Object(value) as Partial<FileHash>;
  return typeof path === 'string' && typeof sha256 === 'string';
};

/** Checks the types only. @throws LoadError ERR_OPTIONS */
export function requireEntry(value: unknown, argument = 'entry'): asserts value is LockEntry {
  const { files, ...texts } = Object(value) as Partial<LockEntry>;
  for (const member of ['id', 'version', 'platform'] as const) {
    if (typeof texts[member] !== 'string') throw optionError(`${argument}.${member}`, 'a string', texts[member]);
  }
  if (!Array.isArray(files) || !files.every(isFileHash)) throw optionError(`${argument}.files`, 'an array of { path, sha256 }', files);
}

/** The bytes that are signed; their hash is the name of a private copy. docs/security.md has the format. @throws LoadError ERR_OPTIONS */
export function entryBytes(entry: LockEntry): Buffer {
  requireEntry(entry);
  const { id, version, platform, files } = entry;
  const lines = sorted(files).map(({ path, sha256 }) => `${sha256}  ${path}`);
  return Buffer.from(['aisopod-plugin entry 1', `id ${id}`, `version ${version}`, `platform ${platform}`, ...lines, ''].join('\n'));
}

/** The differences between two lists of files, in words. */
export function differences(expected: readonly FileHash[], found: readonly FileHash[]): string[] {
  const wanted = new Map(expected.map(({ path, sha256 }) => [path, sha256]));
  const present = new Map(found.map(({ path, sha256 }) => [path, sha256]));
  const gone = expected.filter(({ path }) => !present.has(path)).map(({ path }) => `${path} is missing`);
  const other = found.flatMap(({ path, sha256 }) => {
    const hash = wanted.get(path);
    if (hash === undefined) return `${path} was added`;
    return hash === sha256 ? [] : `${path} was changed`;
  });
  return [...gone, ...other];
}

const MAX_SHOWN = 5;

/** The first few changes, and how many more there are. */
export function summary(changes: readonly string[]): string {
  const more = changes.length > MAX_SHOWN ? `, and ${changes.length - MAX_SHOWN} more` : '';
  return `${changes.slice(0, MAX_SHOWN).join(', ')}${more}`;
}
