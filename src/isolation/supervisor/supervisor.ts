import { LoadError, messageOf } from '../../errors/index.js';
import { callGuarded } from '../../log/call-guarded.js';
import { deadline } from '../../options/deadline-clock.js';
import { monotonicNow, pause } from '../../machine/node-timers.js';
import { STEP_PATIENCE_MS } from '../../options/process-clock.js';
import { keepAlive } from '../../options/keep-alive.js';
import type { ChildEnd } from './child-end.js';
import { childEntry } from './child-entry.js';
import { childEnvironment } from './environment.js';
import { spawnChild } from './spawn.js';
import { lookAtMachine } from '../../machine/machine-cause.js';
import { CANNOT_LIMIT_MEMORY, canMeasureMemory } from '../../machine/measure-memory.js';
import { eachLine } from './output-lines.js';
import { nodeProgram } from './node-program.js';
import { SupervisedChild, type SupervisedSession } from './supervised-child.js';
import type { CrashInfo, SupervisorSettings } from './process-options.js';
import { RestartPolicy } from './restart-policy.js';

/** A plugin, as the process that it lives in sees it. */
export interface Member<S extends SupervisedSession> {
  readonly id: string;
  /** Has been loaded, and is not to end. */
  readonly isLive: boolean;
  /** Whether it is to be brought back after this: not where it was a step of its own that ended the process. */
  wantsBack(end: ChildEnd): boolean;
  /** The process has ended; `nextInMs` is when it is started again, `undefined` for never. */
  onCrash(end: ChildEnd, nextInMs: number | undefined): void;
  /** Brings it up in a new child. Never rejects: what fails is its own affair. */
  restartIn(session: S): Promise<void>;
}

/** From a process's start until it can be spoken to. */
const START_TIMEOUT_MS = 30_000;
/** From the host's goodbye until a child has ended itself. */
const END_TIMEOUT_MS = 2000;

/** A process for one or more plugins: started with the first, started again when it crashes, ended with the last. */
export class Supervisor<S extends SupervisedSession> {
  readonly #members = new Set<Member<S>>();
  /** Whose lines its output is: still of the last when they have left. */
  #names = '';
  readonly #policy: RestartPolicy<CrashInfo>;
  #child: SupervisedChild<S> | undefined;
  /** A start under way, the pause before it included. */
  #starting: Promise<void> | undefined;
  #stop = new AbortController();
  #restarts = 0;

  constructor(
    private readonly settings: SupervisorSettings,
    readonly poolSize: number,
    private readonly isDebugged: boolean,
    private readonly openSession: (child: SupervisedChild<S>) => S,
    /** Whether other plugins may come. */
    readonly takesOthers = false,
  ) {
    this.#policy = new RestartPolicy(settings.restart);
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Whether others live here, too. */
  get isShared(): boolean {
    return this.#members.size > 1;
  }

  /** Takes a plugin in; starts the process where it is not running. @throws LoadError ERR_CHILD_PROCESS */
  async join(member: Member<S>): Promise<S> {
    this.#members.add(member);
    this.#rename();
    while (this.#starting !== undefined) await this.#starting;
    if (this.#child !== undefined && !this.#child.isGone) return this.#child.session;
    const start = this.#start();
    this.#track(start.then(() => undefined));
    try {
      return (await start).session;
    } catch (error) {
      await this.leave(member);
      throw error;
    }
  }

  /** Lets a plugin go, and ends with the last. */
  async leave(member: Member<S>): Promise<void> {
    this.#members.delete(member);
    if (this.#members.size > 0) {
      this.#rename();
      return;
    }
    this.#stop.abort();
    this.#stop = new AbortController();
    const child = this.#child;
    this.#child = undefined; // its end is no crash
    if (child === undefined) return;
    child.dismiss();
    const callOff = deadline(END_TIMEOUT_MS, () => child.kill('did not end when it was told to'), { keepsRunning: true });
    const release = keepAlive(); // also where Node does not hear of its end
    await child.ended;
    release();
    callOff();
    const { leftRunning, pid } = child;
    if (leftRunning === undefined) return;
    const problem = `its process ${pid ?? 0} does not end, and the host may not kill it (${leftRunning}): it may still run`;
    this.settings.logger.error(problem, { pluginId: this.#names });
  }

  async #start(): Promise<SupervisedChild<S>> {
    const { settings, isDebugged } = this;
    const plugins = this.#names;
    const env = childEnvironment(settings, this.poolSize);
    requireMemoryMeasure(settings.memoryLimitBytes);
    lookAtMachine();
    const spawned = await spawnChild({
      node: await nodeProgram(settings.nodePath, env),
      entry: childEntry(settings.childEntry),
      argument: { plugins, hostPid: process.pid, memoryLimitBytes: settings.memoryLimitBytes, debug: isDebugged },
      env,
    });
    const child = new SupervisedChild<S>(spawned, {
      openSession: this.openSession,
      maxPayloadBytes: settings.maxPayloadBytes,
      poolSize: this.poolSize,
      heartbeatMs: isDebugged ? undefined : settings.heartbeatMs,
      onEnd: (end) => {
        if (this.#child === child) this.#onCrash(end);
      },
    });
    eachLine(spawned.stdout, (line) => settings.logger.info(line, this.#source('stdout')));
    eachLine(spawned.stderr, (line) => settings.logger.warn(line, this.#source('stderr')));
    await this.#untilReady(child);
    if (this.#members.size === 0) child.dismiss(); // its plugins left meanwhile
    else this.#child = child;
    if (isDebugged) process.stderr.write(`aisopod-plugin: ${plugins}: process ${child.pid ?? 0} waits for a debugger (docs/isolation.md)\n`);
    return child;
  }

  async #untilReady(child: SupervisedChild<S>): Promise<void> {
    const onLate = (): void => child.kill(`was not ready within ${START_TIMEOUT_MS} ms`);
    const callOff = child.clock.deadline(START_TIMEOUT_MS, onLate, { patienceMs: STEP_PATIENCE_MS });
    const release = keepAlive();
    try {
      await child.ready;
    } finally {
      callOff();
      release();
    }
  }

  #source(stream: 'stdout' | 'stderr') {
    return { pluginId: this.#names, stream };
  }

  #rename(): void {
    this.#names = [...this.#members].map(({ id }) => id).join(', ');
  }

  #onCrash(end: ChildEnd): void {
    this.#child = undefined;
    const members = [...this.#members];
    const info: CrashInfo = { ...end, plugins: members.map(({ id }) => id), at: Date.now() };
    const wanting = members.filter((member) => member.wantsBack(end));
    const isWanted = wanting.length > 0;
    const nextInMs = isWanted ? this.#policy.next(info, monotonicNow(), info.machine === undefined) : undefined;
    const last = isWanted && nextInMs === undefined ? this.#lastCrash(info) : undefined;
    if (last !== undefined) this.#tell(() => this.settings.keepAway?.(last, this.#policy.crashes));
    this.#tell(() => this.settings.onCrash?.(info));
    for (const member of members) member.onCrash(end, wanting.includes(member) ? nextInMs : undefined);
    if (nextInMs !== undefined) this.#track(this.#restart(nextInMs));
    if (last !== undefined) this.#tell(() => this.settings.onGiveUp?.(last));
  }

  /** Of several plugins one is to blame where each of the crashes that count was its. */
  #lastCrash({ suspect: latest, ...info }: CrashInfo): CrashInfo {
    const isOne = latest !== undefined && this.#policy.crashes.every(({ suspect }) => suspect === latest);
    return { ...info, ...(isOne && { suspect: latest }) };
  }

  #tell(callback: () => void): void {
    callGuarded(callback, (error) => this.settings.logger.error(`a callback of the host's about a crash failed: ${messageOf(error)}`));
  }

  async #restart(inMs: number): Promise<void> {
    const { signal } = this.#stop;
    await pause(inMs, { ref: false, signal });
    if (signal.aborted) return; // nobody is left to restart it for
    this.#restarts++;
    try {
      const { session } = await this.#start();
      for (const member of this.#members) if (member.isLive) await member.restartIn(session);
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof LoadError && error.code === 'ERR_CHILD_PROCESS' ? error.reason : messageOf(error);
      this.#onCrash({ signal: null, exitCode: null, reason: `could not be started again: ${reason}`, during: 'start', machine: 'start' });
    }
  }

  /** `join` waits for it; a later start takes its place. */
  #track(starting: Promise<void>): void {
    const tracked: Promise<void> = starting
      .catch(() => undefined)
      .then(() => {
        if (this.#starting === tracked) this.#starting = undefined;
      });
    this.#starting = tracked;
  }
}

/** The child would find out too, but could not say what to do. @throws LoadError ERR_CHILD_PROCESS */
function requireMemoryMeasure(memoryLimitBytes: number | undefined): void {
  if (memoryLimitBytes === undefined || canMeasureMemory()) return;
  const advice = 'Mount /proc where the host runs, or leave out processes.memoryLimitBytes.';
  throw new LoadError('ERR_CHILD_PROCESS', { reason: `it ${CANNOT_LIMIT_MEMORY}`, advice });
}
