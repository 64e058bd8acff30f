import { stat } from 'node:fs/promises';
import { basename, relative } from 'node:path';
import { silentLogger } from '../../log/logger.js';
import { clearTimeout, setTimeout } from '../../machine/node-timers.js';
import { LIBRARY_NAME } from '../../scan/index.js';
import { FolderWatch } from '../../watch/index.js';
import { platformOfFolder } from '../validate/platform-folders.js';
import { walk } from './walk.js';

export interface SourceChange {
  /** Relative to the project. */
  readonly files: readonly string[];
  /** The time of the newest of them, as Date.now() has it. */
  readonly savedAt: number;
}

/** Folders that builds write into, beside those of a platform (`linux-x64`). */
const OUTPUTS = new Set(['build', 'target', 'zig-out', 'zig-cache']);
/** Hidden files, those of editors, and what a build writes beside the sources. */
const IGNORED = /^(?:\..*|Cargo\.lock|.*~|#.*#|4913|.*\.(?:sw[a-z]|tmp|bak|orig|rej))$/;
const DEBOUNCE_MS = 40;

/** Watches the sources of a project, without what its builds write. Says which files changed. */
export class SourceWatch {
  readonly #watch: FolderWatch;
  #files = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    private readonly root: string,
    /** Libraries are then no sources, wherever they are. */
    private readonly isBuilt: boolean,
    private readonly onChange: (change: SourceChange) => void,
  ) {
    this.#watch = new FolderWatch({ onHint: () => this.#onHint(), logger: silentLogger, isRecursive: false });
  }

  async start(): Promise<void> {
    this.#files = await this.#read();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watch.close();
  }

  #onHint(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, DEBOUNCE_MS);
  }

  async #look(): Promise<void> {
    const before = this.#files;
    this.#files = await this.#read();
    if (this.#isClosed) return;
    const changed = [...new Set([...before.keys(), ...this.#files.keys()])].filter((file) => before.get(file) !== this.#files.get(file));
    if (changed.length === 0) return;
    const times = await Promise.all(changed.map((file) => stat(file).then(({ mtimeMs }) => mtimeMs, () => 0)));
    const newest = Math.max(...times);
    const now = Date.now();
    // A file that was moved here has an old time.
    const savedAt = newest > now - 5_000 && newest <= now ? newest : now;
    this.onChange({ files: changed.map((file) => relative(this.root, file)), savedAt });
  }

  /** The files with their sizes and times. Folders are watched before they are read. */
  async #read(): Promise<Map<string, string>> {
    const isOutput = (folder: string): boolean => OUTPUTS.has(basename(folder)) || platformOfFolder(basename(folder)) !== undefined;
    const { folders } = await walk(this.root, isOutput);
    for (const folder of folders) await this.#watch.add(folder);
    const { files } = await walk(this.root, isOutput);
    const isIgnored = (name: string): boolean => IGNORED.test(name) || (this.isBuilt && LIBRARY_NAME.test(name));
    const sources = files.filter((file) => !isIgnored(basename(file)));
    const entries = sources.map(async (file) => [file, await stat(file).then(({ size, mtimeMs, ino }) => `${size}:${mtimeMs}:${ino}`, () => 'absent')] as const);
    return new Map(await Promise.all(entries));
  }
}
