import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, type Step } from '../errors/index.js';
import { silentLogger, type Logger } from '../log/logger.js';
import { countShortages, shortageSince, type CountedShortage } from '../machine/shortage-counts.js';
import type { Watch } from '../report/trace.js';
import { isAlive, thisProcess } from '../trust/process-identity.js';
import { removeOnCleanExit, removeOnSignals } from './clean-exit.js';
import { UUID, markerRecord, namesIn, readRecord } from './record.js';
import { stateFolder } from './state-dir.js';

export interface CrashMarkerOptions {
  /** As in QuarantineOptions. */
  readonly stateDir?: string | undefined;
  /** Told once if the folder cannot be written to. */
  readonly logger?: Logger;
}

/** A plugin that runs in this process. */
export interface MarkedPlugin {
  /** `pluginKey` of the bytes that are loaded. */
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
  /** What the kernel refused to somebody between then and now: the host may have ended because of it. */
  readonly shortage?: CountedShortage['of'];
}

/** Steps that run code of the plugin. */
const MARKED: readonly Step[] = ['open', 'bind', 'create', 'register', 'init', 'shutdown'];

/** Steps that run code of the plugin on the main thread: constructors. */
const ON_MAIN_THREAD: readonly Step[] = ['open'];

/** Names the process, so that others need not open the file to know whether it is alive. */
const NAME = new RegExp(`^(\\d+)-(\\d+)-${UUID}\\.json$`);

/**
 * Crash markers name the in-process plugin that crashed the last host: a file in `<stateDir>/in-process` for each step that
 * runs a plugin's code in this process, written before the step and removed after it. A host that crashes leaves it behind.
 */
export class CrashMarkers {
  readonly #folder: string;
  readonly #logger: Logger;
  #hasComplained = false;

  constructor({ stateDir, logger = silentLogger }: CrashMarkerOptions = {}) {
    this.#folder = stateFolder(stateDir, 'in-process');
    this.#logger = logger;
  }

  /** Runs a step that could crash this process. It runs without a marker if the folder cannot be written to. */
  async run<T>(plugin: MarkedPlugin, step: Step, act: () => T | Promise<T>): Promise<T> {
    // While the marker exists, a signal that asks this process to end removes it, except during a constructor.
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

  /** For the plugin's Trace: marks the steps that run its code, as soon as `plugin` returns something. */
  watch(plugin: () => MarkedPlugin | undefined): Watch {
    return (step, run) => {
      const marked = MARKED.includes(step) ? plugin() : undefined;
      return marked === undefined ? run() : this.run(marked, step, run);
    };
  }

  /**
   * The steps during which hosts of this machine have ended since the last look. Each is returned to one caller only. Steps
   * from before the machine was started are left out. @throws LoadError ERR_STATE_FOLDER, ERR_IO
   */
  async takeInterrupted(): Promise<readonly InterruptedStep[]> {
    const interrupted: InterruptedStep[] = [];
    const boot = bootId();
    for (const name of await namesIn(this.#folder, 'what took earlier hosts down')) {
      const [, pid, started = ''] = NAME.exec(name) ?? [];
      if (pid === undefined || isAlive({ pid: Number(pid), started })) continue;
      const file = join(this.#folder, name);
      const record = await readRecord(markerRecord, file);
      if (!(await removes(file)) || record?.boot !== boot) continue;
      const { key, pluginId, path, step, at, shortages } = record;
      const shortage = shortageSince(shortages);
      interrupted.push({ key, pluginId, path, step, at, ...(shortage !== undefined && { shortage }) });
    }
    return interrupted;
  }

  /** Synchronous: nothing may happen between the file and the step. Not flushed: the system keeps it when a process ends. */
  #write({ key, pluginId, path }: MarkedPlugin, step: Step): () => void {
    const { pid, started } = thisProcess();
    const file = join(this.#folder, `${pid}-${started}-${randomUUID()}.json`);
    const record = { key, pluginId, path, step, at: Date.now(), boot: bootId(), shortages: countShortages() };
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, JSON.stringify(record), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (!this.#hasComplained) this.#logger.warn(`cannot write a crash marker; a plugin that crashes this process will not be identified: ${messageOf(error)}`);
      this.#hasComplained = true;
    }
    return removeOnCleanExit(file);
  }
}

/** If several hosts start at once, only the one that removes the file counts it. */
const removes = (file: string): Promise<boolean> =>
  unlink(file).then(
    () => true,
    () => false,
  );

/** Differs with each start of the machine; empty where the system has none (all but Linux). */
function bootId(): string {
  try {
    return process.platform === 'linux' ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() : '';
  } catch {
    return '';
  }
}
