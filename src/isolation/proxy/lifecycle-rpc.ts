import type { Buffer } from 'node:buffer';
import { MAX_STATE } from '../../abi/constants.js';
import { encodeNeeded, type Needed } from '../child/step-needs.js';
import { LifecycleError, PluginError, asPluginError, type Step } from '../../errors/index.js';
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
import { textOf } from '../wire/utf8.js';
import { registerAll } from './register-all.js';

/** A load reports four steps. */
const MAX_TRACED = 32;

/** Deadline of release, cancel and on_reply: 5 x graceMs, at least 1 s, because they may have to wait for a thread. */
const ERRAND_GRACES = 5;
const MIN_ERRAND_MS = 1000;
export const errandTimeoutMs = (graceMs: number): number => Math.min(NEVER_MS, Math.max(MIN_ERRAND_MS, graceMs * ERRAND_GRACES));

/**
 * Runs the lifecycle steps of a plugin in a child. A step that misses its deadline gets the child killed. Each method throws the
 * PluginError with which the step failed there, or LifecycleError ERR_LIFECYCLE_TIMEOUT or ERR_LIFECYCLE_CRASHED.
 */
export class LifecycleRpc {
  /** The library that was opened last, as errors name it. */
  #library = '';

  constructor(
    private readonly candidate: Candidate,
    /** The plugin's number in messages. */
    private readonly number: number,
    private readonly settings: ProcessSettings,
    private readonly waitForDebugger: boolean,
  ) {}

  /** Adds the parts of the step to `trace`. */
  async load(session: ChildSession, library: FitLibrary, trace: Trace): Promise<{ readonly isThreadSafe: boolean }> {
    const { timeouts, maxPayloadBytes, graceMs } = this.settings;
    this.#library = library.original ?? library.path;
    const limits = this.waitForDebugger ? { createTimeoutMs: NEVER_MS, errandTimeoutMs: NEVER_MS } : { createTimeoutMs: timeouts.create, errandTimeoutMs: errandTimeoutMs(graceMs) };
    const options = { maxPayloadBytes, ...limits };
    const message = { type: 'load', plugin: this.number, ...options } as const;
    const answer = await this.#request(session, message, { candidate: this.candidate, library }, trace);
    const { isThreadSafe } = answer.message as Extract<RequestAnswer['message'], { type: 'loaded' }>;
    return { isThreadSafe };
  }

  /** Returns what the plugin registered, in order. `taken`: the names that it cannot register. */
  async register(session: ChildSession | undefined, taken: readonly TakenName[]): Promise<RegisteredCapabilities> {
    const message = { type: 'register', plugin: this.number } as const;
    const { payload } = await this.#request(session, message, taken);
    const capabilities = readCapabilities(textOf(payload));
    if (capabilities !== undefined) return capabilities;
    session?.child.kill('broke the protocol: it sent an invalid list of capabilities');
    throw stepFailed('register', { status: 'a broken reply', reason: 'an invalid list of capabilities' }, this.#where('register'));
  }

  /** Registers in the host what the plugin registered in the child. */
  async registerHere(capabilities: RegisteredCapabilities, register: (capability: RegisteredCapability) => void): Promise<void> {
    const timeoutMs = this.waitForDebugger ? Infinity : this.settings.timeouts.register;
    await registerAll(capabilities, register, timeoutMs, this.#where('register'));
  }

  async init(session: ChildSession | undefined, { config, dataDir, hostVersion }: PluginContext): Promise<void> {
    const message = { type: 'init', plugin: this.number, dataDir, hostVersion } as const;
    await this.#request(session, message, config);
  }

  /** If the plugin stays busy for half of the deadline, the child says so and is not killed. */
  async reconfigure(session: ChildSession | undefined, config: PluginContext['config']): Promise<void> {
    const message = { type: 'reconfigure', plugin: this.number, waitMs: this.settings.timeouts.init } as const;
    await this.#request(session, message, config);
  }

  /** The plugin's state, if it gives one. If the plugin stays busy for half of the deadline, the child says so and is not killed. */
  async save(session: ChildSession | undefined): Promise<Buffer | undefined> {
    const message = { type: 'save', plugin: this.number, waitMs: this.settings.timeouts.init } as const;
    const { payload } = await this.#request(session, message, undefined);
    if (payload.length > MAX_STATE) throw new LifecycleError('ERR_HANDOVER_TOO_LARGE', { bytes: payload.length, limit: MAX_STATE }, this.#where('active'));
    return payload.length === 0 ? undefined : payload;
  }

  /** False if the plugin takes no state. */
  async restore(session: ChildSession | undefined, state: Uint8Array): Promise<boolean> {
    const message = { type: 'restore', plugin: this.number } as const;
    const { payload } = await this.#request(session, message, state);
    return textOf(payload) === 'true';
  }

  async shutdown(session: ChildSession | undefined): Promise<void> {
    const message = { type: 'shutdown', plugin: this.number } as const;
    await this.#request(session, message, undefined);
  }

  /** Sends a request to the child. Its row in the lifecycle table has the deadline. */
  async #request<S extends HostRequest['type']>(
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
      throw stepCrashed(operation, { signal: null, exitCode: null, reason: 'had already ended', ending: 'ended-earlier' }, this.#where(firstStep));
    }
    let isLate = false;
    const onDeadline = (): void => {
      isLate = true;
      session.child.kill(`did not return from ${operation} within ${timeoutMs} ms`, { during: operation, suspect: this.candidate.id });
    };
    const cancelDeadline = this.waitForDebugger ? undefined : session.child.clock.deadline(timeoutMs, onDeadline, { patienceMs });
    try {
      return await session.request(message, encodeNeeded(needed), this.#progress(reached, trace));
    } catch (thrown) {
      const where = this.#where(reached.step);
      if (isLate) throw stepTimedOut(operation, timeoutMs, false, where);
      if (thrown instanceof PluginError) throw thrown;
      throw isChildEnd(thrown) ? stepCrashed(operation, thrown, where) : asPluginError(thrown, where);
    } finally {
      cancelDeadline?.();
    }
  }

  /** Records the step that the child has reached in `reached`. */
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
