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
import { reading } from './way.js';

/** Far above any real plugin; without them a folder could keep a host reading for ever. */
export const FOLDER_LIMITS = { entries: 10_000, depth: 32, bytes: 2 * 1024 ** 3 } as const;

export interface ReadFolderOptions {
  /** Links may lead out of the folder. */
  readonly allowOutside: boolean;
  /** An empty folder that gets a copy of every file, made of the very bytes that are hashed. */
  readonly copyTo?: string;
}

/**
 * The hash of every file in a plugin folder but its signature, which holds the hashes; a link counts as the file that
 * it leads to, and empty folders do not count.
 * @throws LoadError ERR_PLUGIN_FOLDER, ERR_OUTSIDE_FOLDER, ERR_IO
 */
export async function readFolder(folder: string, options: ReadFolderOptions): Promise<FileHash[]> {
  const root = await reading('find the plugin folder', folder, () => realpath(folder));
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
    if (copyTo !== undefined && name !== '') await reading('copy the folder', path, () => mkdir(join(copyTo, name), { mode: 0o700 }), IN_COPY_DIR);
    for (const entry of await reading('list the folder', path, () => readdir(path))) {
      const child = name === '' ? entry : `${name}/${entry}`;
      if (child !== SIGNATURE_FILENAME) await this.#entry(join(path, entry), child, depth + 1);
    }
  }

  async #entry(path: string, name: string, depth: number): Promise<void> {
    if (++this.#entries > FOLDER_LIMITS.entries) throw unfit(`at most ${FOLDER_LIMITS.entries} files and folders`, 'more', this.root);
    if (!relativePath.safeParse(name).success) throw unfit('file names that every system can hold', JSON.stringify(name), path);
    this.#requireUnlike(name, path);
    const real = await reading('follow the link', path, () => this.#follow(path));
    const stats = await reading('look at the file', real, () => stat(real));
    if (stats.isDirectory()) return this.folder(real, name, depth);
    // Before it is opened: opening a device can do something.
    requireFile(stats, path);
    this.#requireRoom(stats.size);
    const sha256 = await reading('read the file', path, () => this.#file(real, name));
    this.files.push({ path: name, sha256 });
  }

  /** On Windows and macOS two names that differ in case only are one file. */
  #requireUnlike(name: string, path: string): void {
    const key = name.normalize('NFC').toLowerCase();
    const other = this.#names.get(key);
    if (other !== undefined) throw unfit('file names that differ in more than case', `${JSON.stringify(other)} and ${JSON.stringify(name)}`, path);
    this.#names.set(key, name);
  }

  #requireRoom(bytes: number): void {
    if (this.#bytes + bytes > FOLDER_LIMITS.bytes) throw unfit(`at most ${FOLDER_LIMITS.bytes} bytes in all`, 'more', this.root);
  }

  async #follow(path: string): Promise<string> {
    if (!(await lstat(path)).isSymbolicLink()) return path;
    return this.options.allowOutside ? realpath(path) : resolveInside(this.root, path);
  }

  async #file(path: string, name: string): Promise<string> {
    const { copyTo } = this.options;
    const { handle: source, stats } = await openRegularFile(path);
    try {
      if (copyTo === undefined) return await this.#hash(source);
      // Read-only: nobody changes by mistake what was verified. Executable where it was, for a plugin that starts programs.
      const target = join(copyTo, name);
      const copy = await writing(target, () => open(target, 'wx', (stats.mode & 0o111) === 0 ? 0o400 : 0o500));
      try {
        return await this.#hash(source, (bytes) => writing(target, () => copy.writeFile(bytes)));
      } finally {
        await copy.close();
      }
    } finally {
      await source.close();
    }
  }

  /** Each byte is read once: what is hashed is what is written. */
  async #hash(source: FileHandle, write?: (bytes: Uint8Array) => Promise<void>): Promise<string> {
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const { bytesRead } = await source.read(chunk, 0, CHUNK, null);
      if (bytesRead === 0) return hash.digest('hex');
      this.#requireRoom(bytesRead);
      this.#bytes += bytesRead;
      const bytes = chunk.subarray(0, bytesRead);
      hash.update(bytes);
      await write?.(bytes);
    }
  }
}

const writing = <T>(path: string, act: () => Promise<T>): Promise<T> => reading('write the private copy', path, act, IN_COPY_DIR);

function requireFile(stats: Stats, path: string): void {
  if (!stats.isFile()) throw unfit('files and folders only', 'something else', path);
}

function unfit(expected: string, found: string, path: string): LoadError {
  return new LoadError('ERR_PLUGIN_FOLDER', { expected, found }, { path });
}
