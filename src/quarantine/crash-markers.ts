import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, type Step } from '../errors/index.js';
import { silentLogger, type Logger } from '../log/logger.js';
import { bootId, isThisBoot } from '../machine/boot.js';
import { countShortages, shortageSince, type CountedShortage } from '../machine/shortage-counts.js';
import type { Watch } from '../report/trace.js';
import { retryHeld } from '../trust/held-files.js';
import { isAlive, thisProcess } from '../trust/process-identity.js';
import { removeOnCleanExit, removeOnSignals } from './clean-exit.js';
import { UUID, markerRecord, namesIn, readRecord } from './record.js';
import { stateFolder } from './state-dir.js';

export interface CrashMarkerOptions {
  /** As in QuarantineOptions. */
  readonly stateDir?: string | undefined;
  /** Receives one warning if the folder is not writable. */
  readonly logger?: Logger;
}

/** A plugin that runs in this process. */
export interface MarkedPlugin {
  /** `pluginKey` of the loaded files. */
  readonly key: string;
  readonly pluginId: string;
  /** The plugin folder. */
  readonly path: string;
}

/** A step during which a host ended without removing its marker. */
export interface InterruptedStep extends MarkedPlugin {
  readonly step: Step;
  /** When the step began, in milliseconds since the epoch. */
  readonly at: number;
  /** What ran out on the machine between then and now. The host may have ended because of it. */
  readonly shortage?: CountedShortage['of'];
}

/** Steps that run the plugin's code. */
const MARKED: readonly Step[] = ['open', 'bind', 'create', 'register', 'init', 'active', 'shutdown'];

/** Steps that run the plugin's code (constructors) on the main thread. */
const ON_MAIN_THREAD: readonly Step[] = ['open'];

/** The name contains the process id and start time, so that other hosts can check whether it is alive without opening the file. */
const NAME = new RegExp(`^(\\d+)-(\\d+)-${UUID}\\.json$`);

/**
 * Crash markers identify the in-process plugin that crashed an earlier host. A marker is a file in `<stateDir>/in-process`
 * for a step that runs a plugin's code in this process. It is written before the step and removed after it, so a host that
 * crashes leaves it behind.
 *
 * Only in-process plugins are marked. If all plugins run in child processes, which is the default, none is written, and the
 * folder is read once when the host opens (0.03 ms if it is empty). A marker costs 0.2 to 0.3 ms.
 */
export class CrashMarkers {
  readonly #folder: string;
  readonly #logger: Logger;
  #hasWarned = false;

  constructor({ stateDir, logger = silentLogger }: CrashMarkerOptions = {}) {
    this.#folder = stateFolder(stateDir, 'in-process');
    this.#logger = logger;
  }

  /** Runs a step that could crash this process, with a marker if the folder is writable. */
  async run<T>(plugin: MarkedPlugin, step: Step, act: () => T | Promise<T>): Promise<T> {
    // While the marker exists, a signal that ends this process removes it, except during a constructor.
    let stopListening = ON_MAIN_THREAD.includes(step) ? undefined : removeOnSignals();
    const remove = this.#write(plugin, step);
    try {
      const running = act();
      stopListening ??= removeOnSignals();
      return await running;
    } finally {
      remove();
      stopListening?.();
    }
  }

  /** For the plugin's Trace: marks the steps that run its code, once `plugin` returns a value. */
  watch(plugin: () => MarkedPlugin | undefined): Watch {
    return (step, run) => {
      const marked = MARKED.includes(step) ? plugin() : undefined;
      return marked === undefined ? run() : this.run(marked, step, run);
    };
  }

  /**
   * Returns and removes the markers of hosts that ended during a step. Only one caller gets each. Ignores markers from before
   * the last boot. @throws LoadError ERR_STATE_FOLDER, ERR_IO
   */
  async takeInterrupted(): Promise<readonly InterruptedStep[]> {
    const interrupted: InterruptedStep[] = [];
    for (const name of await namesIn(this.#folder, 'read the crash markers of earlier hosts')) {
      const [, pid, started = ''] = NAME.exec(name) ?? [];
      if (pid === undefined || isAlive({ pid: Number(pid), started })) continue;
      const file = join(this.#folder, name);
      const record = await readRecord(markerRecord, file);
      if (!(await removes(file)) || record === undefined || !isThisBoot(record.boot)) continue;
      const { key, pluginId, path, step, at, shortages } = record;
      const shortage = shortageSince(shortages);
      interrupted.push({ key, pluginId, path, step, at, ...(shortage !== undefined && { shortage }) });
    }
    return interrupted;
  }

  /** Synchronous, so that nothing runs between the write and the step. Needs no fsync: the file survives the end of the process. */
  #write({ key, pluginId, path }: MarkedPlugin, step: Step): () => void {
    const { pid, started } = thisProcess();
    const file = join(this.#folder, `${pid}-${started}-${randomUUID()}.json`);
    const record = { key, pluginId, path, step, at: Date.now(), boot: bootId(), shortages: countShortages() };
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, JSON.stringify(record), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (!this.#hasWarned) this.#logger.warn(`cannot write a crash marker; a plugin that crashes this process will not be identified: ${messageOf(error)}`);
      this.#hasWarned = true;
    }
    return removeOnCleanExit(file);
  }
}

/** If several hosts start at once, only the one that removes the file reports it. */
const removes = (file: string): Promise<boolean> =>
  retryHeld(() => unlink(file)).then(
    () => true,
    () => false,
  );
