import { closeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { koffiPath, openWakener, type Wakener } from '../../../library/index.js';
import type { Grants } from '../grants.js';
import { attempt, demand } from '../kernel.js';
import { SYSTEM_CALLS } from '../system-calls.js';
import { Endpoints } from './endpoints.js';
import { GUARD_PROGRAM } from './guard-program.js';

interface Question {
  /** Of the child. */
  readonly number: number;
  /** Of the call that waits for the answer. */
  readonly id: bigint;
  readonly ip: string;
  readonly port: number;
}

/** The thread that connects for all sandboxed children of this host, and what they were granted. */
class GuardThread {
  readonly #worker: Worker;
  readonly #wakener: Wakener;
  readonly #children = new Map<number, { readonly endpoints: Endpoints; readonly onLost: () => void }>();
  #count = 0;

  /** @throws Error if it cannot be started */
  constructor() {
    const wakener = openWakener();
    if (wakener === undefined) throw new Error('no descriptors are left');
    this.#wakener = wakener;
    const workerData = { koffiPath: koffiPath(), numbers: SYSTEM_CALLS, wakeFd: wakener.fd };
    // See Runner for these options.
    this.#worker = new Worker(GUARD_PROGRAM, { eval: true, workerData, execArgv: [], env: {}, stdout: true, stderr: true, trackUnmanagedFds: false });
    this.#worker.on('message', (question: Question) => void this.#decide(question));
    this.#worker.on('error', () => this.#onLost());
    this.#worker.unref();
    process.on('exit', () => this.#send({ type: 'end' }));
  }

  add(pidfd: number, listener: number, { connect, run }: Pick<Grants, 'connect' | 'run'>, onLost: () => void): () => void {
    const number = this.#count++;
    const endpoints = new Endpoints(connect);
    this.#children.set(number, { endpoints, onLost });
    this.#send({ type: 'guard', number, pidfd, listener, exact: endpoints.exact, hasNames: endpoints.hasNames, mayRun: run.length > 0 });
    return () => {
      this.#children.delete(number);
      this.#send({ type: 'drop', number });
    };
  }

  async #decide({ number, id, ip, port }: Question): Promise<void> {
    const isGranted = (await this.#children.get(number)?.endpoints.hasAddress(ip, port)) === true;
    this.#send({ type: 'verdict', number, id, isGranted });
  }

  /** Nobody answers the children any more. */
  #onLost(): void {
    thread = undefined;
    for (const { onLost } of this.#children.values()) onLost();
  }

  #send(message: object): void {
    this.#worker.postMessage(message);
    this.#wakener.wake();
  }
}

let thread: GuardThread | undefined;

/**
 * Connects for a child from now on: to what it was granted, and to nothing else. `listener` is the child's descriptor, which it
 * closes itself. `onLost`: nobody answers it any more. Returns a function that ends it. @throws Error
 */
export function guardConnections(pid: number, listener: number, grants: Pick<Grants, 'connect' | 'run'>, onLost: () => void): () => void {
  const pidfd = demand('pidfd_open', pid, 0);
  const own = attempt('pidfd_getfd', pidfd, listener, 0);
  if (own < 0) closeSync(pidfd);
  else return (thread ??= new GuardThread()).add(pidfd, own, grants, onLost);
  throw new Error(`the kernel does not let this host answer for it (error ${-own})`);
}
