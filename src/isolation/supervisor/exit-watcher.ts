import type { ChildProcess } from 'node:child_process';
import type { ProcessEnd } from '../../errors/index.js';
import { collectChild } from '../../library/index.js';
import { clearInterval, setImmediate, setInterval } from '../../machine/node-timers.js';
import { describeEnd } from './spawn.js';

const LOOK_MS = 100;
/** After so many looks a process counts as one that stays. */
const MANY_LOOKS = 50;

const COLLECTED: ProcessEnd = {
  exitCode: null,
  signal: null,
  reason: "ended; its exit status is unknown, because something else in the host's process collected it (SIGCHLD)",
};

/**
 * Hears of the end of a child, once. Node tells of it as long as nobody else in this process takes SIGCHLD; a native
 * library may. So where there is another sign of the end, the system is asked as well.
 */
export class ExitWatcher {
  #looking: NodeJS.Timeout | undefined;
  #looks = 0;
  #isOver = false;

  constructor(
    private readonly child: ChildProcess,
    private readonly onEnd: (end: ProcessEnd) => void,
    /** It should have ended a while ago, and has not. It may end later. */
    private readonly onStays: () => void,
  ) {
    child.once('exit', (code, signal) => this.#finish(() => onEnd(describeEnd(code, signal))));
  }

  /** There is a sign that it has ended, or is about to: its connection has closed, or it was killed. */
  expectEnd(): void {
    if (this.#isOver || this.#looking !== undefined) return;
    // After what came meanwhile has been read, which may be Node's own word of the end.
    this.#looking = setInterval(() => setImmediate(() => this.look()), LOOK_MS).unref();
  }

  /** Asks the system. */
  look(): void {
    const { pid } = this.child;
    if (this.#isOver || pid === undefined) return;
    const status = collectChild(pid);
    if (status.state === 'collected') this.#finish(() => this.onEnd(COLLECTED));
    else if (status.state === 'ended') this.#finish(() => this.onEnd(describeEnd(status.exitCode, status.signal)));
    else if (++this.#looks === MANY_LOOKS) this.onStays();
  }

  #finish(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#looking);
    tell();
  }
}
