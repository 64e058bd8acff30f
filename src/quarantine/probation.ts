import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LifecycleError, LoadError, PluginError } from '../errors/index.js';
import type { SandboxIn } from '../report/child-sandbox.js';
import type { Candidate } from '../scan/index.js';
import { writeAtomically } from '../trust/write-atomically.js';
import type { Crash, Quarantine } from './quarantine.js';
import { readRecord, survivalRecord } from './record.js';
import { stateFolder } from './state-dir.js';
import { inState } from './state-error.js';

/**
 * Runs a plugin in a temporary process: load, register, init with an empty configuration and an empty data folder, shutdown.
 * `sandboxIn` makes its sandbox; without it, there is
 * none. Rejects with the error if a step fails.
 */
export type TrialRun = (candidate: Candidate, sandboxIn?: SandboxIn) => Promise<void>;

export interface ProbationOptions {
  /** As in QuarantineOptions. */
  readonly stateDir?: string | undefined;
  /** Records plugins that crash the temporary process. Without it, crashes are not recorded. */
  readonly quarantine?: Quarantine | undefined;
  readonly live: TrialRun;
}

/** Admits a plugin to this process only after these files have run in a temporary process without crashing it. */
export class Probation {
  readonly #folder: string;

  constructor(private readonly options: ProbationOptions) {
    this.#folder = stateFolder(options.stateDir, 'probation');
  }

  /**
   * Returns at once for a key that has passed before. A plugin that crashes its process or hangs is quarantined, if there is a
   * quarantine. A plugin that fails with an error (for example because its configuration is missing) passes: it does no harm
   * in this process either.
   * @throws LifecycleError ERR_LIFECYCLE_CRASHED, ERR_LIFECYCLE_TIMEOUT; LoadError ERR_STATE_FOLDER, ERR_IO, and what loading throws
   */
  async pass(key: string, candidate: Candidate, sandboxIn?: SandboxIn): Promise<void> {
    const file = join(this.#folder, `${key}.json`);
    if ((await readRecord(survivalRecord, file)) !== undefined) return;
    try {
      await this.options.live(candidate, sandboxIn);
    } catch (error) {
      if (error instanceof LifecycleError && error.code === 'ERR_LIFECYCLE_CRASHED' && error.machine !== undefined) throw error;
      const crash = error instanceof PluginError ? crashOf(error, candidate) : undefined;
      if (crash !== undefined) this.options.quarantine?.add(key, crash);
      // A LifecycleError without a crash passes. A plugin that could not be loaded there is not loaded here.
      if (crash !== undefined || !(error instanceof LifecycleError)) throw error;
    }
    await inState('create the state folder', this.#folder, () => mkdir(this.#folder, { recursive: true, mode: 0o700 }));
    await writeAtomically(file, JSON.stringify({ pluginId: candidate.id, path: candidate.path, at: Date.now() }), 0o600, 'stateDir');
  }
}

/** The crash or hang that an error describes, if any. The host kills a process that hangs. */
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
