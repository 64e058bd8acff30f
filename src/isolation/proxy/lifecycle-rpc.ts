import { encodeNeeded, type Needed } from '../child/step-needs.js';
import { PluginError, asPluginError, type Step } from '../../errors/index.js';
import type { FitLibrary } from '../../loader/open-plugin.js';
import { NEVER_MS } from '../../options/never.js';
import { STEP_PATIENCE_MS } from '../../options/process-clock.js';
import { stepRow } from '../../plugin/lifecycle-table.js';
import type { PluginContext, TakenName } from '../../plugin/plugin.js';
import { stepCrashed, stepFailed, stepTimedOut } from '../../plugin/step-errors.js';
import type { Candidate } from '../../scan/index.js';
import { Trace } from '../../report/trace.js';
import { isChildEnd } from '../supervisor/child-end.js';
import type { ChildSession, Progress, RequestAnswer } from './child-session.js';
import type { ProcessSettings } from './process-settings.js';
import { readCapabilities } from '../wire/read-message.js';
import type { DistributiveOmit, HostRequest, RegisteredCapabilities, RegisteredCapability } from '../wire/messages.js';
import { registerAll } from './register-all.js';

/** A `load` reports four. */
const MAX_TRACED = 32;

/** What must not block has so many times the grace of an invocation, and never less than a second: it may wait for a thread, too. */
const ERRAND_GRACES = 5;
const MIN_ERRAND_MS = 1000;
const errandMs = (graceMs: number): number => Math.min(NEVER_MS, Math.max(MIN_ERRAND_MS, graceMs * ERRAND_GRACES));

/**
 * The steps of a plugin's life, done in a child. At a deadline the child is killed.
 * Each throws the PluginError that it failed with there, or LifecycleError ERR_LIFECYCLE_TIMEOUT, ERR_LIFECYCLE_CRASHED.
 */
export class LifecycleRpc {
  /** The library that was opened last. */
  #library = '';

  constructor(
    private readonly candidate: Candidate,
    /** The plugin's, in messages. */
    private readonly number: number,
    private readonly settings: ProcessSettings,
    private readonly waitForDebugger: boolean,
  ) {}

  /** What is done there is in `trace`. */
  async load(session: ChildSession, library: FitLibrary, trace: Trace): Promise<{ readonly isThreadSafe: boolean; readonly wantsOneThread: boolean }> {
    const { timeouts, maxPayloadBytes, graceMs } = this.settings;
    this.#library = library.path;
    const limits = this.waitForDebugger ? { createTimeoutMs: NEVER_MS, errandTimeoutMs: NEVER_MS } : { createTimeoutMs: timeouts.create, errandTimeoutMs: errandMs(graceMs) };
    const options = { maxPayloadBytes, ...limits };
    const message = { type: 'load', plugin: this.number, ...options } as const;
    const answer = await this.#ask(session, message, { candidate: this.candidate, library }, trace);
    const { isThreadSafe, wantsOneThread } = answer.message as Extract<RequestAnswer['message'], { type: 'loaded' }>;
    return { isThreadSafe, wantsOneThread };
  }

  /** What it registered there, in order. `taken` are names that it is refused. */
  async register(session: ChildSession | undefined, taken: readonly TakenName[]): Promise<RegisteredCapabilities> {
    const message = { type: 'register', plugin: this.number } as const;
    const { payload } = await this.#ask(session, message, taken);
    const capabilities = readCapabilities(payload);
    if (capabilities !== undefined) return capabilities;
    session?.child.kill('broke the protocol: it sent a list of capabilities of no known shape');
    throw stepFailed('register', { status: 'a broken reply', reason: 'no list of capabilities' }, this.#where('register'));
  }

  /** In the host, what it registered there. */
  async registerHere(capabilities: RegisteredCapabilities, register: (capability: RegisteredCapability) => void): Promise<void> {
    const timeoutMs = this.waitForDebugger ? Infinity : this.settings.timeouts.register;
    await registerAll(capabilities, register, timeoutMs, this.#where('register'));
  }

  async init(session: ChildSession | undefined, { config, dataDir, hostVersion }: PluginContext): Promise<void> {
    const message = { type: 'init', plugin: this.number, dataDir, hostVersion } as const;
    await this.#ask(session, message, config);
  }

  async reconfigure(session: ChildSession | undefined, config: PluginContext['config']): Promise<void> {
    const message = { type: 'reconfigure', plugin: this.number } as const;
    await this.#ask(session, message, config);
  }

  async shutdown(session: ChildSession | undefined): Promise<void> {
    const message = { type: 'shutdown', plugin: this.number } as const;
    await this.#ask(session, message, undefined);
  }

  /** Asks the child for a step, with the deadline of its row. */
  async #ask<S extends HostRequest['type']>(
    session: ChildSession | undefined,
    message: DistributiveOmit<HostRequest, 'request'> & { readonly type: S },
    needed: Needed<S>,
    trace = new Trace(),
  ): Promise<RequestAnswer> {
    const operation = message.type;
    const { step, firstStep = step, timeout, calls = 1, patienceMs = STEP_PATIENCE_MS } = stepRow(operation);
    const timeoutMs = this.settings.timeouts[timeout] * calls;
    const reached = { step: firstStep };
    if (session === undefined) {
      throw stepCrashed(operation, { signal: null, exitCode: null, reason: 'had ended before', ending: 'ended-earlier' }, this.#where(firstStep));
    }
    let isLate = false;
    const onDeadline = (): void => {
      isLate = true;
      session.child.kill(`did not return from ${operation} within ${timeoutMs} ms`, { during: operation, suspect: this.candidate.id });
    };
    const callOff = this.waitForDebugger ? undefined : session.child.clock.deadline(timeoutMs, onDeadline, { patienceMs });
    try {
      return await session.request(message, encodeNeeded(needed), this.#progress(reached, trace));
    } catch (thrown) {
      const where = this.#where(reached.step);
      if (isLate) throw stepTimedOut(operation, timeoutMs, false, where);
      if (thrown instanceof PluginError) throw thrown;
      throw isChildEnd(thrown) ? stepCrashed(operation, thrown, where) : asPluginError(thrown, where);
    } finally {
      callOff?.();
    }
  }

  /** Keeps in `reached` the step that the child has reached. */
  #progress(reached: { step: Step }, trace: Trace): Progress {
    let traced = 0;
    return {
      pluginId: this.candidate.id,
      path: this.#library,
      onStep: (next) => (reached.step = next),
      onTraced: (entry) => {
        if (++traced > MAX_TRACED) return `more than ${MAX_TRACED} steps of one request`;
        trace.add(entry);
        return undefined;
      },
    };
  }

  #where(step: Step) {
    return { pluginId: this.candidate.id, path: this.candidate.path, step };
  }
}
