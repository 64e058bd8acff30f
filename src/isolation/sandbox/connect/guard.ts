import { Worker } from 'node:worker_threads';
import { closeDescriptor, koffiPath, openWakener, type Wakener } from '../../../library/index.js';
import { firstFilter, secondFilter } from '../filters.js';
import { attempt, demand } from '../kernel.js';
import type { Sandbox } from '../../../report/child-sandbox.js';
import { sandboxSupport } from '../probe.js';
import { ARCHITECTURE, SYSTEM_CALLS } from '../system-calls.js';
import { tracedCalls } from '../trace/calls.js';
import type { Denial } from '../trace/denial.js';
import type { TracedRules } from '../trace/traced-rules.js';
import { Endpoints } from './endpoints.js';
import { GUARD_PROGRAM } from './guard-program.js';
import { hasOwn } from '../../../options/own-member.js';

interface Question {
  /** Of the child. */
  readonly number: number;
  /** Of the call that waits for the answer. */
  readonly id: bigint;
  readonly ip: string;
  readonly port: number;
}

interface Denied {
  readonly type: 'denied';
  readonly number: number;
  readonly denial: Denial;
}

/** A child whose calls the host answers. */
export interface GuardedChild {
  readonly pid: number;
  /** The child's descriptor, which it closes itself. */
  readonly listener: number;
  readonly grants: Pick<Sandbox, 'connect' | 'listen' | 'run' | 'landlockAbi'>;
  /** Present if it is traced. */
  readonly rules: TracedRules | undefined;
  /** Called once for each thing that it is denied. */
  readonly report: (denial: Denial) => void;
  /** Nobody answers it any more. */
  readonly onLost: () => void;
}

interface Known extends Pick<GuardedChild, 'report' | 'onLost'> {
  readonly endpoints: Endpoints;
  readonly reported: Set<string>;
}

/** A plugin may cause as many as it likes. */
const MAX_REPORTS = 1000;

/** The thread that answers calls of all sandboxed children of this host, and what they were granted. */
class GuardThread {
  readonly #worker: Worker;
  readonly #wakener: Wakener;
  readonly #children = new Map<number, Known>();
  #count = 0;

  /** @throws Error if it cannot be started */
  constructor() {
    const wakener = openWakener();
    if (wakener === undefined) throw new Error('no descriptors are left');
    this.#wakener = wakener;
    const workerData = { koffiPath: koffiPath(), numbers: SYSTEM_CALLS, wakeFd: wakener.fd };
    // See Runner for these options.
    this.#worker = new Worker(GUARD_PROGRAM, { eval: true, workerData, execArgv: [], env: {}, stdout: true, stderr: true, trackUnmanagedFds: false });
    this.#worker.on('message', (message: Question | Denied) => (hasOwn(message, 'type') ? this.#report(message) : void this.#decide(message)));
    this.#worker.on('error', () => this.#onLost());
    this.#worker.unref();
    process.on('exit', () => this.#send({ type: 'end' }));
  }

  add(pidfd: number, listener: number, { pid, grants, rules, report, onLost }: GuardedChild): () => void {
    const number = this.#count++;
    const endpoints = new Endpoints(grants.connect);
    this.#children.set(number, { endpoints, report, onLost, reported: new Set() });
    const trace = rules === undefined ? undefined : traceOf(pid, grants, rules);
    this.#send({ type: 'guard', number, pidfd, listener, exact: endpoints.exact, hasNames: endpoints.hasNames, mayRun: grants.run.length > 0, trace });
    return () => {
      this.#children.delete(number);
      this.#send({ type: 'drop', number });
    };
  }

  async #decide({ number, id, ip, port }: Question): Promise<void> {
    const isGranted = (await this.#children.get(number)?.endpoints.hasAddress(ip, port)) === true;
    this.#send({ type: 'verdict', number, id, isGranted });
  }

  #report({ number, denial }: Denied): void {
    const child = this.#children.get(number);
    const text = JSON.stringify(denial);
    if (child === undefined || child.reported.has(text) || child.reported.size >= MAX_REPORTS) return;
    child.reported.add(text);
    child.report(denial);
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

/** What the thread needs to find out what is denied. */
function traceOf(pid: number, { connect, listen, run, landlockAbi = sandboxSupport().kernelAbi }: GuardedChild['grants'], rules: TracedRules): object | undefined {
  if (ARCHITECTURE === undefined) return undefined;
  const [mayConnect, mayListen, mayRun] = [connect, listen, run].map((list) => list.length > 0) as [boolean, boolean, boolean];
  const filters = [firstFilter(ARCHITECTURE, { pid, landlockAbi, mayRun, mayConnect, mayListen }), secondFilter(ARCHITECTURE, mayRun)];
  return { pid, filters, rules, calls: tracedCalls(ARCHITECTURE), asksToConnect: mayConnect };
}

/**
 * Answers calls of a child from now on: it connects to what it was granted, and to nothing else, and if it is traced, what it is denied is
 * reported. Returns a function that ends it. @throws Error
 */
export function guardChild(child: GuardedChild): () => void {
  const pidfd = demand('pidfd_open', child.pid, 0);
  const own = attempt('pidfd_getfd', pidfd, child.listener, 0);
  if (own < 0) closeDescriptor(pidfd);
  else return (thread ??= new GuardThread()).add(pidfd, own, child);
  throw new Error(`the kernel does not let this host answer for it (error ${-own})`);
}
