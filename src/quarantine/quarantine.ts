import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LoadError, inPlugin } from '../errors/index.js';
import type { Candidate } from '../scan/index.js';
import { withIoError } from '../trust/path-safety.js';
import { writeAtomicallySync } from '../trust/write-atomically.js';
import { KEY, LATEST, LONGEST, UUID, crashRecord, namesIn, readRecord, type CrashRecord } from './record.js';
import { stateFolder } from './state-dir.js';
import { stateError } from './state-error.js';

export interface QuarantineOptions {
  /** Folder of what hosts remember, shared by all of this user's; `~` expands. Default `~/.aisopod/state`. */
  readonly stateDir?: string | undefined;
  /** Milliseconds that a crash counts; Infinity: for ever. Default: a day. */
  readonly expiryMs?: number | undefined;
  /** Milliseconds since the epoch. Default: the clock. */
  readonly now?: () => number;
}

/** How a plugin took its process down. */
export interface Crash {
  readonly pluginId: string;
  /** The plugin folder. */
  readonly path: string;
  readonly signal: string | null;
  readonly exitCode: number | null;
  /** In words that follow "its process": `was killed by SIGSEGV`. */
  readonly reason: string;
  /** A step (`init`), the capability that was called (`tool forecast`), or `idle`. */
  readonly during: string;
}

/** A plugin in quarantine, by the latest of its crashes. Times are milliseconds since the epoch. Plain data. */
export interface QuarantineEntry extends Crash {
  readonly key: string;
  /** Of the first crash that still counts, and of the last. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly until: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** How far the clocks of hosts that share the folder may be apart. */
const CLOCK_SKEW_MS = 60 * 1000;
const NAME = new RegExp(`^(${KEY})-${UUID}\\.json$`);

/**
 * The plugins that took their process down, in `<stateDir>/quarantine`: one file for each crash, so that hosts which add
 * at the same time never overwrite each other, and each crash ends by itself. Files that are expired, damaged or
 * from the future are removed when they are met.
 */
export class Quarantine {
  /** What the release command needs beside the id. */
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

  /** @throws LoadError ERR_QUARANTINED where `key` is in quarantine; ERR_STATE_FOLDER, ERR_IO */
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
   * Puts a plugin into quarantine, or keeps it there for longer. `key` is `pluginKey`'s. Synchronous, since whoever hears of
   * a crash may end the process. @throws LoadError ERR_STATE_FOLDER, ERR_IO
   */
  add(key: string, { pluginId, path, signal, exitCode, reason, during }: Crash, at = this.#now()): void {
    const record: CrashRecord = {
      pluginId,
      path: path.slice(0, LONGEST.path),
      signal,
      exitCode,
      reason: reason.slice(0, LONGEST.words),
      during: during.slice(0, LONGEST.words),
      at,
      until: Math.min(LATEST, Math.ceil(at + this.#expiryMs)),
    };
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw stateError('make the folder of what hosts remember', this.#folder, cause);
    }
    writeAtomicallySync(join(this.#folder, `${key}-${randomUUID()}.json`), JSON.stringify(record), 0o600);
  }

  /** Lets go of every plugin with this id, and returns what they were held for. @throws LoadError ERR_STATE_FOLDER, ERR_IO */
  async release(id: string): Promise<readonly QuarantineEntry[]> {
    const held = (await this.#crashes()).filter(({ crash }) => crash.pluginId === id);
    await withIoError('release it', this.#folder, () => Promise.all(held.map(({ file }) => rm(file, { force: true }))));
    return byKey(held);
  }

  /** What is in quarantine, the longest there first. @throws LoadError ERR_STATE_FOLDER, ERR_IO */
  async list(): Promise<readonly QuarantineEntry[]> {
    return byKey(await this.#crashes());
  }

  /** The crashes that count, in the order in which they happened. */
  async #crashes(): Promise<readonly Held[]> {
    const held: Held[] = [];
    for (const name of await namesIn(this.#folder, 'who is in quarantine')) {
      const file = join(this.#folder, name);
      const [, key] = NAME.exec(name) ?? [];
      const crash = key === undefined ? undefined : await readRecord(crashRecord, file);
      if (key !== undefined && crash !== undefined && counts(crash, this.#now())) held.push({ key, file, crash });
      // What another host is still writing has its last name only when it is whole.
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

/** Not when its time is over; and not from the future: the clock was wrong then, so nobody knows how long ago it was. */
const counts = ({ at, until }: CrashRecord, now: number): boolean => until > now && at <= now + CLOCK_SKEW_MS;

/** Of a host that died while it wrote. */
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
