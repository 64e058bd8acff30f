import type { FitLibrary } from '../../loader/open-plugin.js';
import type { Trace } from '../../report/trace.js';
import type { Member, Supervisor } from '../supervisor/supervisor.js';
import type { ChildSession } from './child-session.js';
import type { PluginVoice } from './plugin-voice.js';
import type { RemoteSteps } from './remote-steps.js';

/** A plugin's place in a child process, while it has one. */
export class Residence {
  #process: Supervisor<ChildSession> | undefined;
  #session: ChildSession | undefined;
  #isIn = false;

  constructor(
    /** The plugin's, in messages. */
    private readonly number: number,
    private readonly voice: PluginVoice,
    private readonly steps: RemoteSteps,
  ) {}

  /** The child that it is in, or is being loaded in. */
  get session(): ChildSession | undefined {
    return this.#session;
  }

  /** Whether it is loaded there. */
  get isIn(): boolean {
    return this.#isIn;
  }

  /** Whether other plugins live there, too. */
  get isShared(): boolean {
    return this.#process?.isShared ?? false;
  }

  /** Whether other plugins may come to live there. */
  get takesOthers(): boolean {
    return this.#process?.takesOthers ?? true;
  }

  /** How often its process was started again. */
  get restarts(): number {
    return this.#process?.restarts ?? 0;
  }

  /** @throws LoadError ERR_CHILD_PROCESS */
  join(process: Supervisor<ChildSession>, member: Member<ChildSession>): Promise<ChildSession> {
    this.#process = process;
    return process.join(member);
  }

  /** Has it loaded. Returns what it says of its threads. @throws LoadError, LifecycleError */
  async load(session: ChildSession, library: FitLibrary, trace: Trace): ReturnType<RemoteSteps['load']> {
    this.#session = session;
    session.attach(this.number, this.voice.in(session));
    const threads = await this.steps.load(session, library, trace);
    this.#isIn = true;
    return threads;
  }

  /** The child is gone. */
  lose(): void {
    this.#session = undefined;
    this.#isIn = false;
  }

  async leave(member: Member<ChildSession>): Promise<void> {
    this.#session?.detach(this.number);
    this.lose();
    await this.#process?.leave(member);
  }
}
