import type { ChildProcess } from 'node:child_process';
import type { ProcessEnd } from '../../errors/index.js';
import { collectChild } from '../../library/index.js';
import { clearInterval, setImmediate, setInterval } from '../../machine/node-timers.js';
import { describeEnd } from './spawn.js';

const POLL_MS = 100;
const MAX_POLLS = 50;

const COLLECTED: ProcessEnd = {
  exitCode: null,
  signal: null,
  reason: "ended; its exit status is unknown, because something else in the host's process collected it (SIGCHLD)",
};

/**
 * Reports the exit of a child, once. Node reports it too, unless something else in this process handles SIGCHLD, as a native
 * library may. So once the child is expected to exit, this also asks the operating system.
 */
export class ExitWatcher {
  #polling: NodeJS.Timeout | undefined;
  #polls = 0;
  #hasExited = false;

  constructor(
    private readonly child: ChildProcess,
    private readonly onExit: (end: ProcessEnd) => void,
    /** Called if the child is still running after many polls. It may exit later. */
    private readonly onStillRunning: () => void,
  ) {
    child.once('exit', (code, signal) => this.#finish(() => onExit(describeEnd(code, signal))));
  }

  /** The child was killed, or its connection has closed: it has exited or will soon. */
  expectExit(): void {
    if (this.#hasExited || this.#polling !== undefined) return;
    // setImmediate lets Node handle what has arrived first; that may be its own report of the exit.
    this.#polling = setInterval(() => setImmediate(() => this.poll()), POLL_MS).unref();
  }

  /** Asks the operating system whether the child has exited. */
  poll(): void {
    const { pid } = this.child;
    if (this.#hasExited || pid === undefined) return;
    const status = collectChild(pid);
    if (status.state === 'collected') this.#finish(() => this.onExit(COLLECTED));
    else if (status.state === 'ended') this.#finish(() => this.onExit(describeEnd(status.exitCode, status.signal)));
    else if (++this.#polls === MAX_POLLS) this.onStillRunning();
  }

  #finish(report: () => void): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    clearInterval(this.#polling);
    report();
  }
}
