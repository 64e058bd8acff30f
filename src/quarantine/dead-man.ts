import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, type Step } from '../errors/index.js';
import { silentLogger, type Logger } from '../log/logger.js';
import type { Watch } from '../report/trace.js';
import { isAlive, thisProcess } from '../trust/process-identity.js';
import { UUID, namesIn, readRecord, stepRecord } from './record.js';
import { stateFolder } from './state-dir.js';
import { leaveBehind, mindRequests } from './sudden-end.js';

export interface DeadManOptions {
  /** As of QuarantineOptions. */
  readonly stateDir?: string | undefined;
  /** Told once where the folder cannot be written to. */
  readonly logger?: Logger;
}

/** A plugin that runs in this process. */
export interface Watched {
  /** `pluginKey`'s, of the bytes that are loaded. */
  readonly key: string;
  readonly pluginId: string;
  /** The plugin folder. */
  readonly path: string;
}

/** A step in which a host ended suddenly. */
export interface Blame extends Watched {
  readonly step: Step;
  /** When the step began, in milliseconds since the epoch. */
  readonly at: number;
}

/** Steps in which code of the plugin runs. */
const RISKY: readonly Step[] = ['open', 'bind', 'create', 'register', 'init', 'shutdown'];

/** Those whose code runs on the main thread until `act` returns: constructors. */
const ON_MAIN_THREAD: readonly Step[] = ['open'];

/** Whose file it is can be told without opening it. */
const NAME = new RegExp(`^(\\d+)-(\\d+)-${UUID}\\.json$`);

/**
 * Names the plugin that killed the last host: a file in `<stateDir>/in-process` for each risky step of a plugin in this
 * process, written before it and removed after it. Whose process is gone had no time to remove it.
 */
export class DeadMan {
  readonly #folder: string;
  readonly #logger: Logger;
  #hasComplained = false;

  constructor({ stateDir, logger = silentLogger }: DeadManOptions = {}) {
    this.#folder = stateFolder(stateDir, 'in-process');
    this.#logger = logger;
  }

  /** Runs a step that could take this process down. A folder that cannot be written to does not keep it from running. */
  async run<T>(plugin: Watched, step: Step, act: () => T | Promise<T>): Promise<T> {
    // There is no moment at which the file is there and a request would be a sudden end, but in a constructor.
    let ignore = ON_MAIN_THREAD.includes(step) ? undefined : mindRequests();
    const lift = this.#mark(plugin, step);
    try {
      const running = act();
      ignore ??= mindRequests();
      return await running;
    } finally {
      lift();
      ignore?.();
    }
  }

  /** For the plugin's Trace: the risky ones among its steps, from when `plugin` knows what it is. */
  watch(plugin: () => Watched | undefined): Watch {
    return (step, run) => {
      const watched = RISKY.includes(step) ? plugin() : undefined;
      return watched === undefined ? run() : this.run(watched, step, run);
    };
  }

  /**
   * The steps in which hosts of this machine have ended suddenly since the last look, each told to one caller only. Steps
   * from before the machine started are not among them: it was the machine that ended. @throws LoadError ERR_STATE_FOLDER, ERR_IO
   */
  async survivors(): Promise<readonly Blame[]> {
    const blames: Blame[] = [];
    const boot = bootId();
    for (const name of await namesIn(this.#folder, 'what took earlier hosts down')) {
      const [, pid, started = ''] = NAME.exec(name) ?? [];
      if (pid === undefined || isAlive({ pid: Number(pid), started })) continue;
      const file = join(this.#folder, name);
      const record = await readRecord(stepRecord, file);
      if (!(await isOurs(file)) || record?.boot !== boot) continue;
      const { key, pluginId, path, step, at } = record;
      blames.push({ key, pluginId, path, step, at });
    }
    return blames;
  }

  /** Synchronously, since nothing may come between the file and the step. The system keeps it when the process ends. */
  #mark({ key, pluginId, path }: Watched, step: Step): () => void {
    const { pid, started } = thisProcess();
    const file = join(this.#folder, `${pid}-${started}-${randomUUID()}.json`);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, JSON.stringify({ key, pluginId, path, step, at: Date.now(), boot: bootId() }), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (!this.#hasComplained) this.#logger.warn(`a plugin that ends this process will not be known by it: ${messageOf(error)}`);
      this.#hasComplained = true;
    }
    return leaveBehind(file);
  }
}

/** Of several hosts that start at once, the one that removes the file counts it. */
const isOurs = (file: string): Promise<boolean> =>
  unlink(file).then(
    () => true,
    () => false,
  );

/** Another with each start of the machine; empty where the system does not tell (all but Linux). */
function bootId(): string {
  try {
    return process.platform === 'linux' ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() : '';
  } catch {
    return '';
  }
}
