import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LoadError, inPlugin } from '../errors/index.js';
import type { Candidate } from '../scan/index.js';
import { removeHeld } from '../trust/held-files.js';
import { withIoError } from '../trust/path-safety.js';
import { writeAtomicallySync } from '../trust/write-atomically.js';
import { KEY, LATEST, MAX_LENGTH, UUID, crashRecord, namesIn, readRecord, type CrashRecord } from './record.js';
import { stateFolder } from './state-dir.js';
import { stateError } from './state-error.js';

export interface QuarantineOptions {
  /** The folder in which this user's hosts keep their state; `~` expands. Default `~/.aisopod/state`. */
  readonly stateDir?: string | undefined;
  /** How long a crash counts, in milliseconds; Infinity: forever. Default: a day. */
  readonly expiryMs?: number | undefined;
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: () => number;
}

/** How a plugin crashed its process. */
export interface Crash {
  readonly pluginId: string;
  /** The plugin folder. */
  readonly path: string;
  readonly signal: string | null;
  readonly exitCode: number | null;
  /** Completes the sentence "its process …": `was killed by SIGSEGV`. */
  readonly reason: string;
  /** A step (`init`), the capability that was called (`tool forecast`), or `idle`. */
  readonly during: string;
}

/** A plugin in quarantine, with its latest crash. Times are milliseconds since the epoch. Plain data. */
export interface QuarantineEntry extends Crash {
  readonly key: string;
  /** Times of the first crash that still counts and of the last one. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly until: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** The largest allowed difference between the clocks of hosts that share the folder. */
const CLOCK_SKEW_MS = 60 * 1000;
const NAME = new RegExp(`^(${KEY})-${UUID}\\.json$`);

/**
 * The plugins that crashed their process, in `<stateDir>/quarantine`. Each crash has a file of its own, so that hosts never
 * overwrite each other's records and each crash expires separately. Expired, damaged and future records are removed when
 * they are read.
 */
export class Quarantine {
  /** Options of the release command, besides the id. */
  readonly #stateOption: string;
  readonly #folder: string;
  readonly #expiryMs: number;
  readonly #now: () => number;

  /** @throws LoadError ERR_OPTIONS */
  constructor({ stateDir, expiryMs = DAY_MS, now = Date.now }: QuarantineOptions = {}) {
    this.#folder = stateFolder(stateDir, 'quarantine');
    this.#stateOption = stateDir === undefined ? '' : ` --state-dir ${dirname(this.#folder)}`;
    this.#expiryMs = expiryMs;
    this.#now = now;
  }

  /** @throws LoadError ERR_QUARANTINED if `key` is in quarantine; ERR_STATE_FOLDER, ERR_IO */
  async admit(key: string, { id, path }: Candidate): Promise<void> {
    const entry = await this.check(key).catch((error: unknown) => Promise.reject(inPlugin(error, id) as Error));
    if (entry === undefined) return;
    const { signal, exitCode, reason, during, count, first: since, until } = entry;
    const release = `aisopod-plugin release ${id}${this.#stateOption}`;
    const fields = { signal, exitCode, reason, during, count, since, until, release };
    throw new LoadError('ERR_QUARANTINED', fields, { pluginId: id, path });
  }

  /** @throws LoadError ERR_STATE_FOLDER, ERR_IO */
  async check(key: string): Promise<QuarantineEntry | undefined> {
    return (await this.list()).find((entry) => entry.key === key);
  }

  /**
   * Quarantines a plugin, or extends its quarantine. `key` is the result of `pluginKey`. Synchronous, because the process may
   * end right after the crash is reported. @throws LoadError ERR_STATE_FOLDER, ERR_IO
   */
  add(key: string, { pluginId, path, signal, exitCode, reason, during }: Crash, at = this.#now()): void {
    const record: CrashRecord = {
      pluginId,
      path: path.slice(0, MAX_LENGTH.path),
      signal,
      exitCode,
      reason: reason.slice(0, MAX_LENGTH.words),
      during: during.slice(0, MAX_LENGTH.words),
      at,
      until: Math.min(LATEST, Math.ceil(at + this.#expiryMs)),
    };
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw stateError('create the state folder', this.#folder, cause);
    }
    writeAtomicallySync(join(this.#folder, `${key}-${randomUUID()}.json`), JSON.stringify(record), 0o600, 'stateDir');
  }

  /** Releases every plugin with this id, and returns the removed entries. @throws LoadError ERR_STATE_FOLDER, ERR_IO */
  async release(id: string): Promise<readonly QuarantineEntry[]> {
    const held = (await this.#crashes()).filter(({ crash }) => crash.pluginId === id);
    await withIoError('release it', this.#folder, () => Promise.all(held.map(({ file }) => removeHeld(file))), { writes: true, option: 'stateDir' });
    return byKey(held);
  }

  /** The plugins in quarantine, the oldest first. @throws LoadError ERR_STATE_FOLDER, ERR_IO */
  async list(): Promise<readonly QuarantineEntry[]> {
    return byKey(await this.#crashes());
  }

  /** The crashes that still count, oldest first. */
  async #crashes(): Promise<readonly Held[]> {
    const held: Held[] = [];
    for (const name of await namesIn(this.#folder, 'read which plugins are in quarantine')) {
      const file = join(this.#folder, name);
      const [, key] = NAME.exec(name) ?? [];
      const crash = key === undefined ? undefined : await readRecord(crashRecord, file);
      if (key !== undefined && crash !== undefined && counts(crash, this.#now())) held.push({ key, file, crash });
      // Other hosts write under a temporary name and rename, so a file with its final name is complete.
      else if (key !== undefined || (await isLeftover(file))) await rm(file, { force: true }).catch(() => undefined);
    }
    return held.sort((a, b) => a.crash.at - b.crash.at);
  }
}

interface Held {
  readonly key: string;
  readonly file: string;
  readonly crash: CrashRecord;
}

/** False once it expires, and for a crash in the future: the clock was wrong then, so its age is unknown. */
const counts = ({ at, until }: CrashRecord, now: number): boolean => until > now && at <= now + CLOCK_SKEW_MS;

/** Whether a host ended while it was writing the file. */
async function isLeftover(file: string): Promise<boolean> {
  if (!file.endsWith('.tmp')) return false;
  const stats = await stat(file).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > HOUR_MS;
}

function byKey(held: readonly Held[]): QuarantineEntry[] {
  const entries = new Map<string, QuarantineEntry>();
  for (const { key, crash } of held) {
    const { at, until, ...latest } = crash;
    const before = entries.get(key);
    const [first, count] = [before?.first ?? at, (before?.count ?? 0) + 1];
    entries.set(key, { ...latest, key, first, last: at, count, until: Math.max(until, before?.until ?? 0) });
  }
  return [...entries.values()];
}
