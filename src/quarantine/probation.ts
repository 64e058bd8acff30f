import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LifecycleError, LoadError, PluginError } from '../errors/index.js';
import type { Candidate } from '../scan/index.js';
import { writeAtomically } from '../trust/write-atomically.js';
import type { Crash, Quarantine } from './quarantine.js';
import { readRecord, survivalRecord } from './record.js';
import { stateFolder } from './state-dir.js';
import { inState } from './state-error.js';

/**
 * Takes a plugin through its life in a process of its own that ends afterwards: load, register, init with an empty
 * configuration and an empty data folder, shutdown. Rejects with what went wrong.
 */
export type ThrowAwayLife = (candidate: Candidate) => Promise<void>;

export interface ProbationOptions {
  /** As of QuarantineOptions. */
  readonly stateDir?: string | undefined;
  /** Gets what a child did not survive. Absent where that is not to be remembered. */
  readonly quarantine?: Quarantine | undefined;
  readonly live: ThrowAwayLife;
}

/** Lets bytes that were never seen here into this process only once a throw-away process has survived them. */
export class Probation {
  readonly #folder: string;

  constructor(private readonly options: ProbationOptions) {
    this.#folder = stateFolder(options.stateDir, 'probation');
  }

  /**
   * Returns at once for a key that has passed before. What ends its process, or hangs in it, goes into quarantine, if there is one. To
   * refuse in order (for want of its configuration, say) is to survive: that harms nobody in this process either.
   * @throws LifecycleError ERR_LIFECYCLE_CRASHED, ERR_LIFECYCLE_TIMEOUT; LoadError ERR_STATE_FOLDER, ERR_IO, and what loading throws
   */
  async pass(key: string, candidate: Candidate): Promise<void> {
    const file = join(this.#folder, `${key}.json`);
    if ((await readRecord(survivalRecord, file)) !== undefined) return;
    try {
      await this.options.live(candidate);
    } catch (error) {
      if (error instanceof LifecycleError && error.code === 'ERR_LIFECYCLE_CRASHED' && error.machine !== undefined) throw error;
      const crash = error instanceof PluginError ? crashOf(error, candidate) : undefined;
      if (crash !== undefined) this.options.quarantine?.add(key, crash);
      // What is not loaded there is not loaded here; a plugin that was has had its life, and its say.
      if (crash !== undefined || !(error instanceof LifecycleError)) throw error;
    }
    await inState('make the folder of what hosts remember', this.#folder, () => mkdir(this.#folder, { recursive: true, mode: 0o700 }));
    await writeAtomically(file, JSON.stringify({ pluginId: candidate.id, path: candidate.path, at: Date.now() }), 0o600);
  }
}

/** How its process ended, where it did; the host kills one that hangs. */
function crashOf(error: PluginError, { id: pluginId, path }: Candidate): Crash | undefined {
  const where = { pluginId, path };
  if (error instanceof LifecycleError && error.code === 'ERR_LIFECYCLE_CRASHED') {
    const { signal, exitCode, reason, operation } = error;
    return { ...where, signal, exitCode, reason, during: operation };
  }
  const hung = (timeoutMs: number, during: string): Crash => ({
    ...where,
    signal: null,
    exitCode: null,
    reason: `did not return within ${timeoutMs} ms`,
    during,
  });
  if (error instanceof LifecycleError && error.code === 'ERR_LIFECYCLE_TIMEOUT') return hung(error.timeoutMs, error.operation);
  const isLate = error instanceof LoadError && error.code === 'ERR_CREATE_FAILED' && error.timeoutMs !== undefined;
  return isLate ? hung(error.timeoutMs ?? 0, 'load') : undefined;
}
