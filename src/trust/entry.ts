import { Buffer } from 'node:buffer';
import { optionError } from '../options/option-error.js';
import { compareBytes } from './order.js';

/** Beside the manifest. Neither hashed nor copied: it holds the hashes, and what nobody verified must not run. */
export const SIGNATURE_FILENAME = 'aisopod.plugin.sig';

/** One file of a plugin. */
export interface FileHash {
  /** Inside the plugin folder, `/` between names. */
  readonly path: string;
  /** 64 lowercase hexadecimal digits. */
  readonly sha256: string;
}

/** What a plugin is, to the last byte: what a lock file holds and what a signature is made over. Plain data. */
export interface LockEntry {
  readonly id: string;
  readonly version: string;
  /** `<platform>-<arch>` in Node's words (`linux-x64`), or `all` for a folder that holds the library of several. */
  readonly platform: string;
  /** Every file of the plugin folder but the signature, by the bytes of their paths. */
  readonly files: readonly FileHash[];
}

export const hostPlatform = (): string => `${process.platform}-${process.arch}`;

export const sorted = (files: readonly FileHash[]): FileHash[] => [...files].sort((a, b) => compareBytes(a.path, b.path));

const isFileHash = (value: unknown): value is FileHash => {
  const { path, sha256 } = Object(value) as Partial<FileHash>;
  return typeof path === 'string' && typeof sha256 === 'string';
};

/** By its shape. @throws LoadError ERR_OPTIONS */
export function requireEntry(value: unknown, argument = 'entry'): asserts value is LockEntry {
  const { files, ...texts } = Object(value) as Partial<LockEntry>;
  for (const member of ['id', 'version', 'platform'] as const) {
    if (typeof texts[member] !== 'string') throw optionError(`${argument}.${member}`, 'a string', texts[member]);
  }
  if (!Array.isArray(files) || !files.every(isFileHash)) throw optionError(`${argument}.files`, 'an array of { path, sha256 }', files);
}

/** The bytes that are signed, and whose hash names a private copy: docs/security.md has the format. @throws LoadError ERR_OPTIONS */
export function entryBytes(entry: LockEntry): Buffer {
  requireEntry(entry);
  const { id, version, platform, files } = entry;
  const lines = sorted(files).map(({ path, sha256 }) => `${sha256}  ${path}`);
  return Buffer.from(['aisopod-plugin entry 1', `id ${id}`, `version ${version}`, `platform ${platform}`, ...lines, ''].join('\n'));
}

/** What differs between two lists of files, in words; empty where nothing does. */
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

const SHOWN = 5;

/** The first few of them, and how many more. */
export function summary(changes: readonly string[]): string {
  const more = changes.length > SHOWN ? `, and ${changes.length - SHOWN} more` : '';
  return `${changes.slice(0, SHOWN).join(', ')}${more}`;
}
