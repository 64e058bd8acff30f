import { isDeepStrictEqual } from 'node:util';
import { MACHINE_HINTS, PluginError, messageOf, type ErrorContext, type Step } from '../../errors/index.js';
import { isShortage } from '../../machine/is-shortage.js';
import { isLifecycleStep, stepRow } from '../../plugin/lifecycle-table.js';
import { stepCrashed, stepFailed } from '../../plugin/step-errors.js';
import { Trace } from '../../report/trace.js';
import type { ChildEnd } from '../supervisor/child-end.js';
import type { SupervisedPlugin } from '../supervisor/supervisor.js';
import type { ChildSession } from './child-session.js';
import { examineAgain } from './examine-again.js';
import type { PluginParts } from './plugin-parts.js';

/** Handles the crashes of a plugin's process, and restarts the plugin in a new child. */
export class PluginRestart implements SupervisedPlugin<ChildSession> {
  readonly id: string;

  constructor(
    private readonly parts: PluginParts,
    /** Called after a failed restart. */
    private readonly leave: () => Promise<void>,
  ) {
    this.id = parts.candidate.id;
  }

  get isLive(): boolean {
    return this.parts.lifecycle.reached !== undefined;
  }

  wantsRestart(end: ChildEnd): boolean {
    const { lifecycle, gate, request } = this.parts;
    if (request.wantsRestart?.(end) === false) return false;
    return lifecycle.isSteady || (this.isLive && gate.isBystanderOf(end));
  }

  onCrash(end: ChildEnd, nextInMs: number | undefined): void {
    const { lifecycle, gate, invoker, inChild, request } = this.parts;
    inChild.onChildEnd();
    this.#recordCrash(end, nextInMs);
    gate.onCrash(end, this.isLive && nextInMs !== undefined);
    if (lifecycle.reached !== 'active') return; // the step that waits for the child gets the error
    lifecycle.happen(nextInMs === undefined ? 'quarantine' : 'crash', stepCrashed(end.during, end, this.#where('active')));
    if (nextInMs === undefined) invoker.close('quarantined, since it kept crashing');
    request.onStateChange?.();
  }

  restartIn(session: ChildSession): Promise<void> {
    const { child } = session;
    return this.parts.gate.track(async () => {
      try {
        await this.#repeatSteps(session);
      } catch (error) {
        if (this.isLive && isShortage(error)) child.kill(`could not load its plugin: ${messageOf(error)}`, undefined, 'start');
        // If the child has ended, the supervisor restarts it.
        if (!child.isGone && this.isLive) await this.#fail(error);
      }
      return !child.isGone;
    });
  }

  /** Repeats the steps up to the state that the plugin had reached. Stops if the plugin is shut down meanwhile. */
  async #repeatSteps(session: ChildSession): Promise<void> {
    const { candidate, settings, request, lifecycle, rpc, inChild, history } = this.parts;
    const facts = await examineAgain(candidate, { files: history.files, copy: inChild.copiedLibrary }, settings, request.beforeReopen);
    if (!this.isLive) return;
    await inChild.load(session, facts, new Trace());
    if (!this.isLive || lifecycle.reached === 'loaded') return;
    const registered = await rpc.register(session, history.namesTaken());
    if (!isDeepStrictEqual(registered, history.registered)) throw new Error('it registered other capabilities than before');
    // Another plugin of the process crashed it before this one was active. Its step gives it the state if it was doing that.
    if (lifecycle.state !== 'restoring' && history.state !== undefined) await rpc.restore(session, history.state);
    if (!this.isLive || lifecycle.reached === 'registered' || history.context === undefined) return;
    await rpc.init(session, history.context);
    if (!lifecycle.allows('comeBack')) return;
    lifecycle.happen('comeBack');
    inChild.acceptInvocations();
    request.onStateChange?.();
  }

  #recordCrash({ reason, machine, during }: ChildEnd, nextInMs: number | undefined): void {
    const when = during === 'idle' ? 'while idle' : `during ${during}`;
    const next = nextInMs === undefined ? '' : `; it will be restarted in ${Math.round(nextInMs)} ms`;
    const hint = machine === undefined ? '' : `. ${MACHINE_HINTS[machine]}`;
    this.parts.record.add(isLifecycleStep(during) ? stepRow(during).step : 'active', `its process ${reason} (${when})${next}${hint}`);
  }

  async #fail(error: unknown): Promise<void> {
    const isKnown = error instanceof PluginError;
    const reason = messageOf(error);
    this.parts.record.add(isKnown ? error.step : 'init', `it could not be restarted: ${reason}`);
    const where = { ...this.#where('register'), cause: error };
    this.parts.lifecycle.fail(isKnown ? error : stepFailed('register', { status: 'another registration', reason }, where));
    await this.leave();
    this.parts.request.onStateChange?.();
  }

  #where(step: Step): ErrorContext {
    return { pluginId: this.id, path: this.parts.candidate.path, step };
  }
}
