import type { Examined } from '../child/hosted-plugin.js';
import { LifecycleError, PluginError, asPluginError, type Step } from '../../errors/index.js';
import type { FitLibrary } from '../../loader/open-plugin.js';
import { NEVER_MS } from '../../options/never.js';
import { STEP_PATIENCE_MS } from '../../options/process-clock.js';
import { stepRow } from '../../plugin/lifecycle.js';
import type { PluginContext, TakenName } from '../../plugin/plugin.js';
import type { Candidate } from '../../scan/index.js';
import { Trace } from '../../report/trace.js';
import { isChildEnd } from '../supervisor/child-end.js';
import type { ChildSession, Progress, RequestAnswer } from './child-session.js';
import type { ProcessSettings } from './process-settings.js';
import { readCapabilities } from '../wire/read-message.js';
import type { HostRequest, RegisteredCapabilities, RegisteredCapability, Without } from '../wire/messages.js';
import { registerAll } from './register-all.js';

/** Loading is several steps, each with the deadline of `create`; the child keeps those, this is for when it cannot. */
const LOAD_STEPS = 4;

/** How long a child that cannot run is waited for in `shutdown`: a host that is to end waits less than elsewhere. */
const END_PATIENCE_MS = 30_000;

/** Loading has four entries. */
const MAX_TRACED = 32;

/** What must not block has so many times the grace of an invocation, and never less than a second: it may wait for a thread, too. */
const ERRAND_GRACES = 5;
const MIN_ERRAND_MS = 1000;
const errandMs = (graceMs: number): number => Math.min(NEVER_MS, Math.max(MIN_ERRAND_MS, graceMs * ERRAND_GRACES));

/**
 * The steps of a plugin's life, done in a child. At a deadline the child is killed.
 * Each throws the PluginError that it failed with there, or LifecycleError ERR_LIFECYCLE_TIMEOUT, ERR_LIFECYCLE_CRASHED.
 */
export class RemoteSteps {
  /** The library that was opened last. */
  #library = '';

  constructor(
    private readonly candidate: Candidate,
    /** The plugin's, in messages. */
    private readonly number: number,
    private readonly settings: ProcessSettings,
    private readonly isDebugged: boolean,
  ) {}

  /** What is done there is in `trace`. */
  async load(session: ChildSession, library: FitLibrary, trace: Trace): Promise<{ readonly isThreadSafe: boolean; readonly wantsOneThread: boolean }> {
    const { timeouts, maxPayloadBytes, graceMs } = this.settings;
    this.#library = library.path;
    const limits = this.isDebugged ? { createTimeoutMs: NEVER_MS, errandTimeoutMs: NEVER_MS } : { createTimeoutMs: timeouts.create, errandTimeoutMs: errandMs(graceMs) };
    const options = { maxPayloadBytes, ...limits };
    const message = { type: 'load', plugin: this.number, ...options } as const;
    const examined: Examined = { candidate: this.candidate, library };
    const answer = await this.#ask(session, message, JSON.stringify(examined), trace);
    const { isThreadSafe, wantsOneThread } = answer.message as Extract<RequestAnswer['message'], { type: 'loaded' }>;
    return { isThreadSafe, wantsOneThread };
  }

  /** What it registered there, in order. `taken` are names that it is refused. */
  async register(session: ChildSession | undefined, taken: readonly TakenName[]): Promise<RegisteredCapabilities> {
    const message = { type: 'register', plugin: this.number } as const;
    const { payload } = await this.#ask(session, message, JSON.stringify(taken));
    const capabilities = readCapabilities(payload);
    if (capabilities !== undefined) return capabilities;
    session?.child.kill('broke the protocol: it sent a list of capabilities of no known shape');
    throw new LifecycleError('ERR_REGISTER_FAILED', { status: 'a broken reply', reason: 'no list of capabilities' }, this.#where('register'));
  }

  /** In the host, what it registered there. */
  async registerHere(capabilities: RegisteredCapabilities, register: (capability: RegisteredCapability) => void): Promise<void> {
    const timeoutMs = this.isDebugged ? Infinity : this.settings.timeouts.register;
    await registerAll(capabilities, register, timeoutMs, this.#where('register'));
  }

  async init(session: ChildSession | undefined, { config, dataDir, hostVersion }: PluginContext): Promise<void> {
    const message = { type: 'init', plugin: this.number, dataDir, hostVersion } as const;
    await this.#ask(session, message, JSON.stringify(config));
  }

  async reconfigure(session: ChildSession | undefined, config: PluginContext['config']): Promise<void> {
    const message = { type: 'reconfigure', plugin: this.number } as const;
    await this.#ask(session, message, JSON.stringify(config));
  }

  async shutdown(session: ChildSession | undefined): Promise<void> {
    const message = { type: 'shutdown', plugin: this.number } as const;
    await this.#ask(session, message);
  }

  async #ask(
    session: ChildSession | undefined,
    message: Without<HostRequest, 'request'>,
    payload?: string,
    trace = new Trace(),
  ): Promise<RequestAnswer> {
    const operation = message.type;
    const row = stepRow(operation);
    const timeoutMs = this.settings.timeouts[row.timeout] * (operation === 'load' ? LOAD_STEPS : 1);
    let step: Step = operation === 'load' ? 'open' : row.step;
    let traced = 0;
    const progress: Progress = {
      pluginId: this.candidate.id,
      path: this.#library,
      onStep: (next) => (step = next),
      onTraced: (entry) => {
        if (++traced > MAX_TRACED) return `more than ${MAX_TRACED} steps of one request`;
        trace.add(entry);
        return undefined;
      },
    };
    if (session === undefined) {
      throw new LifecycleError('ERR_LIFECYCLE_CRASHED', { operation, signal: null, exitCode: null, reason: 'had ended before' }, this.#where(step));
    }
    let isLate = false;
    const onDeadline = (): void => {
      isLate = true;
      session.child.kill(`did not return from ${operation} within ${timeoutMs} ms`, { during: operation, suspect: this.candidate.id });
    };
    const patienceMs = operation === 'shutdown' ? END_PATIENCE_MS : STEP_PATIENCE_MS;
    const callOff = this.isDebugged ? undefined : session.child.clock.deadline(timeoutMs, onDeadline, { patienceMs });
    try {
      return await session.request(message, payload, progress);
    } catch (thrown) {
      const where = this.#where(step);
      if (isLate) throw new LifecycleError('ERR_LIFECYCLE_TIMEOUT', { operation, timeoutMs, stillRunning: false }, where);
      if (thrown instanceof PluginError) throw thrown;
      if (!isChildEnd(thrown)) throw asPluginError(thrown, where);
      const { signal, exitCode, reason, machine } = thrown;
      throw new LifecycleError('ERR_LIFECYCLE_CRASHED', { operation, signal, exitCode, reason, machine }, where);
    } finally {
      callOff?.();
    }
  }

  #where(step: Step) {
    return { pluginId: this.candidate.id, path: this.candidate.path, step };
  }
}
