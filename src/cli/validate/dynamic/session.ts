import { cpSync, mkdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { Status, statusName } from '../../../abi/status.js';
import type { NativeCapability } from '../../../native/native-capability.js';
import type { CheckContext, Finding, Subject } from '../check.js';
import { HostileHost } from './host/hostile-host.js';
import { configOf } from './inputs/config.js';
import { samplesOf } from './inputs/samples.js';
import { createInstance, requireOk, type InitValues, type Instance, type StepEnd } from './plugin/instance.js';
import { CannotRun } from './plugin/cannot-run.js';
import { invoke, type Call, type Outcome } from './plugin/invoke.js';
import type { MemoryPlan } from './plugin/memory-plan.js';
import { Random } from './random.js';

export interface SessionOptions {
  readonly memory?: MemoryPlan;
  readonly libraryPath?: string;
  readonly dataFolder?: string;
  readonly config?: string;
}

/** For a capability that had to be cancelled once: a check may call it many times. */
const SHORT_PATIENCE_MS = 20;

/** For the end of a cancelled call, in checks of something else. */
const SHORT_STOP_MS = 3000;

/** One plugin under one check: its host, its functions, and the calls that were made. */
export class Session {
  readonly host: HostileHost;
  readonly random: Random;
  readonly instance: Instance;
  readonly outcomes: Outcome[] = [];
  /** What is wrong, as it is found. */
  readonly findings: Finding[] = [];
  /** Capabilities that had to be cancelled. */
  readonly #slow = new Set<NativeCapability>();
  readonly #memory: MemoryPlan;
  readonly #init: InitValues;

  constructor(
    readonly subject: Subject,
    readonly context: CheckContext,
    { memory = {}, libraryPath = subject.libraryPath, dataFolder = 'data', config }: SessionOptions = {},
  ) {
    this.#memory = memory;
    this.random = new Random(context.seed, subject.manifest.plugin.id);
    const dataDir = join(context.temporaryFolder, dataFolder);
    mkdirSync(dataDir, { recursive: true });
    const { minHostVersion, maxHostVersion } = subject.manifest.compatibility;
    this.#init = { config: config ?? configOf(subject), dataDir, hostVersion: minHostVersion ?? maxHostVersion ?? '1.0.0' };
    this.host = new HostileHost((kind, name) => subject.manifest.capabilities[`${kind}s` as 'tools'].includes(name));
    this.instance = createInstance({ libraryPath, prefersOwnNames: subject.prefersOwnNames }, this.host, memory, this.step);
  }

  get step(): (description: string) => void {
    return (description) => this.context.step(description);
  }

  get capabilities(): readonly NativeCapability[] {
    return this.host.capabilities;
  }

  /** A call did not come to an end, so that nothing can be said about what would follow. */
  get isStuck(): boolean {
    return this.outcomes.some(({ never }) => never !== undefined);
  }

  /** No more calls are to be made: one is stuck, or the time of the check is nearly over. */
  get isOver(): boolean {
    return this.isStuck || this.context.signal.aborted;
  }

  register(): Promise<StepEnd> {
    return this.instance.register();
  }

  init(): Promise<StepEnd> {
    this.host.phase = 'starting';
    return this.instance.init(this.#init);
  }

  get initValues(): InitValues {
    return this.#init;
  }

  /** Registers and initializes. @throws CannotRun */
  async start(): Promise<void> {
    requireOk('register_capabilities', await this.register());
    requireOk('init', await this.init());
    this.host.phase = 'active';
  }

  async call(call: Call): Promise<Outcome> {
    const patience = this.#slow.has(call.capability) ? { patienceMs: SHORT_PATIENCE_MS } : {};
    const outcome = await invoke(this.host, this.step, { memory: this.#memory, stopMs: SHORT_STOP_MS, ...patience, ...call });
    if (outcome.wasCancelled && call.cancel === undefined) this.#slow.add(call.capability);
    this.outcomes.push(outcome);
    return outcome;
  }

  /** Calls every method of every capability once, with input that fits, until one of them does not come to an end or the time is over. */
  async callAll(change: Partial<Call> = {}, capabilities = this.capabilities): Promise<void> {
    for (const capability of capabilities) {
      for (const { method, input } of samplesOf(capability.descriptor, { random: this.random })) {
        if (this.isOver) return;
        await this.call({ capability, method, input, ...change });
      }
    }
  }

  /** Shuts down and destroys, unless a call is still inside: then no host would. */
  async stop(): Promise<StepEnd | undefined> {
    if (this.isStuck) return undefined;
    this.host.phase = 'stopping';
    const end = await this.instance.shutdown();
    this.host.phase = 'stopped';
    return end;
  }
}

/** A session with a copy of the plugin: another library to the system, as after a reload. */
export function sessionWithCopy(subject: Subject, context: CheckContext, name: string): Session {
  const folder = join(context.temporaryFolder, name, basename(subject.folder));
  cpSync(subject.folder, folder, { recursive: true });
  return new Session(subject, context, { libraryPath: join(folder, relative(subject.folder, subject.libraryPath)), dataFolder: `${name}-data` });
}

/** What a check does with a plugin that has started. Returns its findings. */
export type SessionCheck = (session: Session) => Promise<readonly Finding[]> | readonly Finding[];

/** Runs the plugin from create to destroy. `during` runs while it is active, `after` once it has been destroyed. */
export function withSession(options: SessionOptions, during: (session: Session) => Promise<void>, after: SessionCheck = () => []) {
  return async (subject: Subject, context: CheckContext): Promise<readonly Finding[]> => {
    const session = new Session(subject, context, options);
    await session.start();
    await during(session);
    const end = await session.stop();
    if (end !== undefined) {
      await session.instance.destroy();
      if (end.status !== Status.OK) throw new CannotRun(`shutdown returned ${statusName(end.status)}`);
    }
    return [...session.findings, ...(await after(session))];
  };
}
