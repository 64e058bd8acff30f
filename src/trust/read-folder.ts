import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadError } from '../errors/index.js';
import { openRegularFile } from '../files/index.js';
import { relativePath } from '../manifest/fields.js';
import { resolveInside } from './containment.js';
import { SIGNATURE_FILENAME, sorted, type FileHash } from './entry.js';
import { IN_COPY_DIR } from './private-copies.js';
import { withIoError } from './path-safety.js';

/** Far above any real plugin. Without limits a folder could keep the host reading forever. */
export const FOLDER_LIMITS = { entries: 10_000, depth: 32, bytes: 2 * 1024 ** 3 } as const;

export interface ReadFolderOptions {
  /** Symbolic links may lead out of the folder. */
  readonly allowOutside: boolean;
  /** An empty folder. Every file is copied into it, from the same read that is hashed. */
  readonly copyTo?: string;
  /** Default, and at most: FOLDER_LIMITS. */
  readonly maxBytes?: number | undefined;
}

/**
 * Hashes every file in a plugin folder except the signature, which contains the hashes. A symbolic link counts as the
 * file that it leads to; empty folders are ignored.
 * @throws LoadError ERR_PLUGIN_FOLDER, ERR_OUTSIDE_FOLDER, ERR_IO
 */
export async function readFolder(folder: string, options: ReadFolderOptions): Promise<FileHash[]> {
  const root = await withIoError('find the plugin folder', folder, () => realpath(folder));
  const reader = new FolderReader(root, options);
  await reader.folder(root, '', 0);
  return sorted(reader.files);
}

const CHUNK = 1024 * 1024;

class FolderReader {
  readonly files: FileHash[] = [];
  readonly #names = new Map<string, string>();
  #entries = 0;
  #bytes = 0;

  constructor(
    private readonly root: string,
    private readonly options: ReadFolderOptions,
  ) {}

  async folder(path: string, name: string, depth: number): Promise<void> {
    const { copyTo } = this.options;
    if (depth > FOLDER_LIMITS.depth) throw unfit(`folders at most ${FOLDER_LIMITS.depth} deep`, 'more', path);
    if (copyTo !== undefined && name !== '') await withIoError('copy the folder', path, () => mkdir(join(copyTo, name), { mode: 0o700 }), IN_COPY_DIR);
    for (const entry of await withIoError('list the folder', path, () => readdir(path))) {
      const child = name === '' ? entry : `${name}/${entry}`;
      if (child !== SIGNATURE_FILENAME) await this.#entry(join(path, entry), child, depth + 1);
    }
  }

  async #entry(path: string, name: string, depth: number): Promise<void> {
    if (++this.#entries > FOLDER_LIMITS.entries) throw unfit(`at most ${FOLDER_LIMITS.entries} files and folders`, 'more', this.root);
    if (!relativePath.safeParse(name).success) throw unfit('file names that are valid on every system', JSON.stringify(name), path);
    this.#requireDistinct(name, path);
    try {
      await this.#read(path, name, depth);
    } catch (error) {
      // An editor, a download or an update may remove its temporary files at any time: a file that no longer exists is not part of the plugin.
      if (!(await isGone(path))) throw error;
    }
  }

  async #read(path: string, name: string, depth: number): Promise<void> {
    const own = await withIoError('read the file status', path, () => lstat(path));
    const real = own.isSymbolicLink() ? await withIoError('follow the link', path, () => this.#follow(path)) : path;
    const stats = real === path ? own : await withIoError('read the file status', real, () => stat(real));
    if (stats.isDirectory()) return this.folder(real, name, depth);
    // Check before opening: opening a device can have side effects.
    requireFile(stats, path);
    this.#requireRoom(stats.size);
    const sha256 = await withIoError('read the file', path, () => this.#file(real, name));
    this.files.push({ path: name, sha256 });
  }

  /** On Windows and macOS, names that differ only in case are the same file. */
  #requireDistinct(name: string, path: string): void {
    const key = name.normalize('NFC').toLowerCase();
    const other = this.#names.get(key);
    if (other !== undefined) throw unfit('file names that differ in more than case', `${JSON.stringify(other)} and ${JSON.stringify(name)}`, path);
    this.#names.set(key, name);
  }

  #requireRoom(bytes: number): void {
    const max = Math.min(this.options.maxBytes ?? Infinity, FOLDER_LIMITS.bytes);
    if (this.#bytes + bytes > max) throw unfit(`at most ${max} bytes in all`, 'more', this.root);
  }

  #follow(path: string): Promise<string> {
    return this.options.allowOutside ? realpath(path) : resolveInside(this.root, path);
  }

  async #file(path: string, name: string): Promise<string> {
    const { copyTo } = this.options;
    const { handle: source, stats } = await openRegularFile(path);
    try {
      if (copyTo === undefined) return await this.#hash(source, stats.size);
      // Read-only, so that verified files are not changed by mistake. Keeps the executable bit for plugins that ship programs.
      const target = join(copyTo, name);
      const copy = await writing(target, () => open(target, 'wx', (stats.mode & 0o111) === 0 ? 0o400 : 0o500));
      try {
        return await this.#hash(source, stats.size, (bytes) => writing(target, () => copy.writeFile(bytes)));
      } finally {
        await copy.close();
      }
    } finally {
      await source.close();
    }
  }

  /** Reads each byte once, so that the copy has exactly the bytes that were hashed. */
  async #hash(source: FileHandle, size: number, write?: (bytes: Uint8Array) => Promise<void>): Promise<string> {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size + 1));
    for (let done = 0; ; ) {
      const { bytesRead } = await source.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      this.#requireRoom(bytesRead);
      this.#bytes += bytesRead;
      done += bytesRead;
      const bytes = chunk.subarray(0, bytesRead);
      hash.update(bytes);
      await write?.(bytes);
      // A file of the expected size that gave less than it was asked for has ended.
      if (done === size && bytesRead < chunk.length) return hash.digest('hex');
    }
  }
}

const writing = <T>(path: string, act: () => Promise<T>): Promise<T> => withIoError('write the private copy', path, act, IN_COPY_DIR);

async function isGone(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

function requireFile(stats: Stats, path: string): void {
  if (!stats.isFile()) throw unfit('files and folders only', 'something else', path);
}

function unfit(expected: string, found: string, path: string): LoadError {
  return new LoadError('ERR_PLUGIN_FOLDER', { expected, found }, { path });
}
