import { processEndOf, type MachineCause, type ProcessEnd } from '../../errors/index.js';
import { withMachineCause } from '../../machine/machine-cause.js';
import { deadline } from '../../options/deadline-clock.js';
import type { ProcessClock } from '../../options/process-clock.js';
import { IDLE, type ChildEnd, type LastRequest } from './child-end.js';
import { ExitWatcher } from './exit-watcher.js';
import { withReachedLimit } from './reached-limit.js';
import { forgetChild, killTree, type Spawned } from './spawn.js';

export interface TerminationEvents {
  /** The request that an unexpected end is attributed to. */
  readonly lastRequest: () => LastRequest;
  /** The process has exited. What it sent before can still be read. */
  readonly onExit: () => void;
  /** The process has exited, and what it sent before has been read. */
  readonly onEnd: (end: ChildEnd) => void;
  /** The operating system did not let the host kill the process. */
  readonly onKillRefused: () => void;
}

interface Kill {
  readonly reason: string;
  readonly request: LastRequest | undefined;
  readonly machine: MachineCause | undefined;
  /** The system's error code if it refused the kill. */
  readonly failure: string | undefined;
}

/**
 * How long to wait for the last output of a process that has exited, or for the exit of one whose connection has closed. Output
 * may never end: programs that the plugin started can hold its pipes open.
 */
const DRAIN_MS = 250;

/** Kills a child process, notices its exit, and finds out what ended it. */
export class Termination {
  readonly #watcher: ExitWatcher;
  #kill: Kill | undefined;
  #hasExited = false;
  #isLeftRunning = false;

  constructor(
    private readonly spawned: Spawned,
    private readonly events: TerminationEvents,
  ) {
    this.#watcher = new ExitWatcher(spawned.process, (end) => this.#onExit(end), () => this.#onStillRunning());
  }

  /** Whether the process has exited or was killed. */
  get hasBegun(): boolean {
    return this.#kill !== undefined || this.#hasExited;
  }

  /** Set after the end if the process may still run: the system's error code for the kill that it refused. */
  get leftRunning(): string | undefined {
    return this.#isLeftRunning ? this.#kill?.failure : undefined;
  }

  /**
   * `reason` completes "the plugin's process was killed by the host: it …". `request`, if known, is what it is killed for.
   * `machine` is set if no plugin is at fault.
   */
  kill(reason: string, request?: LastRequest, machine?: MachineCause): void {
    if (this.#hasExited) return;
    const failure = killTree(this.spawned.process);
    const result = failure === undefined ? 'was killed by the host' : `could not be killed by the host (${failure})`;
    this.#kill ??= { reason: `${result}: it ${reason}`, request, machine, failure };
    if (failure !== undefined) this.events.onKillRefused();
    this.#watcher.expectExit();
  }

  /** Its connection has closed. If it does not exit now, it is of no use and is killed. */
  onDisconnected(clock: ProcessClock): void {
    clock.deadline(DRAIN_MS, () => {
      this.#watcher.poll();
      this.kill('closed its connection to the host');
    });
    this.#watcher.expectExit();
  }

  /** Stops waiting if the process cannot be killed. */
  #onStillRunning(): void {
    if (this.#kill?.failure === undefined) return;
    this.#isLeftRunning = true;
    this.#onExit({ exitCode: null, signal: null, reason: this.#kill.reason });
  }

  #onExit(status: ProcessEnd): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    const { process: child, stdout, stderr } = this.spawned;
    forgetChild(child);
    killTree(child); // the programs that it started
    const request = this.#kill?.request ?? this.events.lastRequest();
    const end: ChildEnd = { ...(this.#kill === undefined ? this.#explain(status) : endAfterKill(status, this.#kill)), ...request };
    this.events.onExit();
    let isDrained = false;
    const finish = (): void => {
      if (isDrained) return;
      isDrained = true;
      cancelTimer();
      void this.spawned.group?.remove();
      for (const stream of [stdout, stderr]) stream.destroy();
      this.events.onEnd(end);
    };
    const cancelTimer = deadline(DRAIN_MS, finish, { keepsRunning: true });
    child.once('close', finish);
  }

  /** Adds the cause if a limit of its own or the machine ended the process. */
  #explain(end: ProcessEnd): ProcessEnd {
    const limited = withReachedLimit(end, this.spawned.group);
    if (limited !== undefined) return limited;
    return withMachineCause(end, this.events.lastRequest() === IDLE);
  }
}

const endAfterKill = (status: ProcessEnd, { reason, machine, failure }: Kill): ProcessEnd =>
  processEndOf({ ...status, reason, machine, ending: failure === undefined ? 'killed-by-host' : 'kill-refused' });
