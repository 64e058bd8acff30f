import { LoadError, messageOf } from '../../errors/index.js';
import { callGuarded } from '../../log/call-guarded.js';
import { monotonicNow, pause } from '../../machine/node-timers.js';
import { deadline } from '../../options/deadline-clock.js';
import { keepAlive } from '../../options/keep-alive.js';
import { startWithBestEffort } from './best-effort.js';
import type { ChildEnd } from './child-end.js';
import type { ChildSandbox } from './child-sandbox.js';
import type { ResourceLimits } from '../../report/resource-limits.js';
import type { CrashInfo, SupervisorSettings } from './process-options.js';
import { RestartPolicy } from './restart-policy.js';
import type { SpareChildren } from './spare-children.js';
import { startChild } from './start-child.js';
import type { SupervisedChild, SupervisedSession } from './supervised-child.js';

/** A plugin, as the supervisor of its process sees it. */
export interface SupervisedPlugin<S extends SupervisedSession> {
  readonly id: string;
  /** It has been loaded, and is not shutting down. */
  readonly isLive: boolean;
  /** Whether to restart it after this end; false if the end was caused by a step of its own. */
  wantsRestart(end: ChildEnd): boolean;
  /** The process has ended. `nextInMs` is the time until it is restarted, `undefined` for never. */
  onCrash(end: ChildEnd, nextInMs: number | undefined): void;
  /** Starts the plugin in a new child. Never rejects: the plugin handles its own failure. */
  restartIn(session: S): Promise<void>;
}

/** From the request to exit until the child is killed. */
const EXIT_TIMEOUT_MS = 2000;

/** Runs the process of one or more plugins: starts it for the first plugin, restarts it after a crash, and ends it after the last plugin. */
export class Supervisor<S extends SupervisedSession> {
  readonly #plugins = new Set<SupervisedPlugin<S>>();
  /** For the log. When all plugins have left, still the id of the last: its output may arrive later. */
  #pluginIds = '';
  readonly #policy: RestartPolicy<CrashInfo>;
  #child: SupervisedChild<S> | undefined;
  /** A start in progress, including the pause before it. */
  #starting: Promise<void> | undefined;
  #stop = new AbortController();
  #restarts = 0;
  /** Of the process, for as long as it has plugins. */
  #sandbox: ChildSandbox | undefined;
  #limits: ResourceLimits | undefined;

  constructor(
    private readonly settings: SupervisorSettings,
    private readonly waitForDebugger: boolean,
    private readonly openSession: (child: SupervisedChild<S>) => S,
    /** Whether plugins may share the process. */
    readonly isShareable = false,
    /** Children that may be used instead of a new one. */
    private readonly spares?: SpareChildren<S>,
  ) {
    this.#policy = new RestartPolicy(settings.restart);
  }

  /** How often the process was restarted. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Whether more than one plugin is in the process. */
  get isShared(): boolean {
    return this.#plugins.size > 1;
  }

  /** The limits of the process; absent if it has none, and without plugins. */
  get limits(): ResourceLimits | undefined {
    return this.#limits;
  }

  /** Adds a plugin. Starts the process if it is not running, with `sandbox` and `limits`. @throws LoadError ERR_CHILD_PROCESS */
  async join(plugin: SupervisedPlugin<S>, sandbox?: ChildSandbox, limits = this.settings.limits): Promise<S> {
    if (this.#plugins.size === 0) this.#limits = limits;
    this.#plugins.add(plugin);
    this.#sandbox ??= sandbox;
    this.#updateIds();
    while (this.#starting !== undefined) await this.#starting;
    if (this.#child !== undefined && !this.#child.isGone) return this.#child.session;
    const start = this.#start();
    this.#track(start.then(() => undefined));
    try {
      return (await start).session;
    } catch (error) {
      await this.leave(plugin);
      throw error;
    }
  }

  /** Removes a plugin. Ends the process if it was the last. */
  async leave(plugin: SupervisedPlugin<S>): Promise<void> {
    this.#plugins.delete(plugin);
    if (this.#plugins.size > 0) {
      this.#updateIds();
      return;
    }
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#sandbox = undefined;
    this.#limits = undefined;
    const child = this.#child;
    this.#child = undefined; // so that its end is not taken for a crash
    if (child !== undefined) await this.#endChild(child);
  }

  async #endChild(child: SupervisedChild<S>): Promise<void> {
    child.dismiss();
    const cancelTimer = deadline(EXIT_TIMEOUT_MS, () => child.kill('did not exit when asked to'), { keepsRunning: true });
    const release = keepAlive(); // Node may not notice the child's exit
    await child.ended;
    release();
    cancelTimer();
    const { leftRunning, pid } = child;
    if (leftRunning === undefined) return;
    const problem = `its process ${pid ?? 0} does not end, and the host may not kill it (${leftRunning}): it may still run`;
    this.settings.logger.error(problem, { pluginId: this.#pluginIds });
  }

  async #start(): Promise<SupervisedChild<S>> {
    const { waitForDebugger, openSession } = this;
    const settings = { ...this.settings, limits: this.#limits };
    const owner = {
      pluginIds: () => this.#pluginIds,
      onEnd: (ended: SupervisedChild<S>, end: ChildEnd) => {
        if (this.#child === ended) this.#onCrash(end);
      },
    };
    const start = async (sandbox: ChildSandbox | undefined): Promise<SupervisedChild<S>> =>
      (await this.spares?.take(owner, sandbox)) ?? startChild<S>({ settings, sandbox, isAlone: !this.isShareable, waitForDebugger, openSession, ...owner });
    const child = await startWithBestEffort(this.#sandbox, settings, start);
    if (this.#plugins.size === 0) child.dismiss(); // the plugins left while it was starting
    else this.#child = child;
    return child;
  }

  #updateIds(): void {
    this.#pluginIds = [...this.#plugins].map(({ id }) => id).join(', ');
  }

  #onCrash(end: ChildEnd): void {
    this.#child = undefined;
    const plugins = [...this.#plugins];
    const info: CrashInfo = { ...end, plugins: plugins.map(({ id }) => id), at: Date.now() };
    const wanting = plugins.filter((plugin) => plugin.wantsRestart(end));
    const isWanted = wanting.length > 0;
    const nextInMs = isWanted ? this.#policy.next(info, monotonicNow(), info.machine === undefined) : undefined;
    const last = isWanted && nextInMs === undefined ? this.#lastCrash(info) : undefined;
    if (last !== undefined) this.#notify(() => this.settings.beforeGiveUp?.(last, this.#policy.crashes));
    this.#notify(() => this.settings.onCrash?.(info));
    for (const plugin of plugins) plugin.onCrash(end, wanting.includes(plugin) ? nextInMs : undefined);
    if (nextInMs !== undefined) this.#track(this.#restart(nextInMs));
    if (last !== undefined) this.#notify(() => this.settings.onGiveUp?.(last));
  }

  /** Blames a plugin only if it caused every counted crash. */
  #lastCrash({ suspect: latest, ...info }: CrashInfo): CrashInfo {
    const isOne = latest !== undefined && this.#policy.crashes.every(({ suspect }) => suspect === latest);
    return { ...info, ...(isOne && { suspect: latest }) };
  }

  #notify(callback: () => void): void {
    callGuarded(callback, (error) => this.settings.logger.error(`a crash callback of the host failed: ${messageOf(error)}`));
  }

  async #restart(inMs: number): Promise<void> {
    const { signal } = this.#stop;
    await pause(inMs, { ref: false, signal });
    if (signal.aborted) return; // all plugins have left
    this.#restarts++;
    try {
      const { session } = await this.#start();
      for (const plugin of this.#plugins) if (plugin.isLive) await plugin.restartIn(session);
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof LoadError && error.code === 'ERR_CHILD_PROCESS' ? error.reason : messageOf(error);
      this.#onCrash({ signal: null, exitCode: null, reason: `could not be restarted: ${reason}`, during: 'start', machine: 'start' });
    }
  }

  /** Lets `join` wait for a start. A later start replaces it. */
  #track(starting: Promise<void>): void {
    const tracked: Promise<void> = starting
      .catch(() => undefined)
      .then(() => {
        if (this.#starting === tracked) this.#starting = undefined;
      });
    this.#starting = tracked;
  }
}
