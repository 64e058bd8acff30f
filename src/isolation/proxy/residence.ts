import type { FitLibrary } from '../../loader/open-plugin.js';
import type { Trace } from '../../report/trace.js';
import type { PluginChild } from '../supervisor/plugin-child.js';
import type { Member, PluginProcess } from '../supervisor/plugin-process.js';
import type { PluginVoice } from './plugin-voice.js';
import type { RemoteSteps } from './remote-steps.js';

/** A plugin's place in a child process, while it has one. */
export class Residence {
  #process: PluginProcess | undefined;
  #child: PluginChild | undefined;
  #isIn = false;

  constructor(
    /** The plugin's, in messages. */
    private readonly number: number,
    private readonly voice: PluginVoice,
    private readonly steps: RemoteSteps,
  ) {}

  /** The child that it is in, or is being loaded in. */
  get child(): PluginChild | undefined {
    return this.#child;
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
  join(process: PluginProcess, member: Member): Promise<PluginChild> {
    this.#process = process;
    return process.join(member);
  }

  /** Has it loaded. Returns what it says of its threads. @throws LoadError, LifecycleError */
  async load(child: PluginChild, library: FitLibrary, trace: Trace): ReturnType<RemoteSteps['load']> {
    this.#child = child;
    child.attach(this.number, this.voice.in(child));
    const threads = await this.steps.load(child, library, trace);
    this.#isIn = true;
    return threads;
  }

  /** The child is gone. */
  lose(): void {
    this.#child = undefined;
    this.#isIn = false;
  }

  async leave(member: Member): Promise<void> {
    this.#child?.detach(this.number);
    this.lose();
    await this.#process?.leave(member);
  }
}
