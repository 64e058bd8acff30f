import type { Socket } from 'node:net';
import { LoadError, type MachineCause, type ProcessEnd } from '../../errors/index.js';
import { OpenedLibraries } from '../../loader/opened-libraries.js';
import { deadline } from '../../options/deadline-clock.js';
import { ProcessClock } from '../../options/process-clock.js';
import { keepAlive } from '../../options/keep-alive.js';
import { ChildConnection } from './child-connection.js';
import { ChildInbox, MOST_ANSWERED, type ChildEnd, type PluginSink, type Progress, type RequestAnswer } from '../proxy/child-inbox.js';
import { forgetChild, killTree, type Spawned } from './spawn.js';
import { EndWitness } from './end-witness.js';
import { Heartbeat } from './heartbeat.js';
import { NODE_PATH_ADVICE } from '../wire/host-in-child.js';
import { MACHINE_WORDS, machineCause } from '../../machine/machine-cause.js';
import { PROTOCOL_VERSION, type HostMessage, type HostRequest, type Without } from '../wire/messages.js';
import type { InvocationSink } from '../proxy/sent-invocations.js';
import { IDLE, StepLog, type AskedFor } from './step-log.js';

export interface PluginChildOptions {
  readonly maxPayloadBytes: number;
  /** Milliseconds between heartbeats, or `undefined` for none. */
  readonly heartbeatMs: number | undefined;
  /** Its threads for native code. */
  readonly poolSize: number;
  /** Called once, when it has ended and everything that waited has been told. */
  readonly onEnd: (end: ChildEnd) => void;
}

/** Why the host has killed it. */
interface Killed {
  readonly reason: string;
  readonly culprit: AskedFor | undefined;
  /** The system's code for a kill that it refused. */
  readonly failure: string | undefined;
  readonly machine: MachineCause | undefined;
}

/** An invocation that was given up. */
export interface Abandoned {
  /** Its deadline has passed, or counts as passed. */
  becomeOverdue(): void;
}

/** How long what a dead child wrote last is waited for: what it started may hold its pipes open. */
const LAST_WORDS_MS = 250;

/** A child whose output is read this fast may be waiting in its write. */
const MUCH_OUTPUT = 64 << 10;

/** Says whether much output was read since the last question, or is not read at the moment. */
function outputReadSince({ stdout, stderr }: Spawned): () => boolean {
  const streams = [stdout, stderr] as Socket[];
  const bytesRead = (): number => streams.reduce((sum, stream) => sum + stream.bytesRead, 0);
  let last = 0;
  return () => {
    const now = bytesRead();
    const isMuch = now - last >= MUCH_OUTPUT;
    last = now;
    return isMuch || streams.some((stream) => stream.isPaused());
  };
}

/** The host's end of one child process: sends, and sorts what comes. Whatever comes that is no message kills the child. */
export class PluginChild {
  readonly ready: Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Invocations whose callers have been told, and that native code is still at. */
  readonly abandoned = new Set<Abandoned>();
  /** The libraries that the host had it open. */
  readonly opened = new OpenedLibraries();
  /** What the host has asked for and what is not over. */
  readonly steps = new StepLog();
  /** The time in which it could run. Its steps are judged by that. */
  readonly clock: ProcessClock;
  readonly #inbox = new ChildInbox(
    (version) => this.#takeReady(version),
    () => this.#heartbeat?.heard(),
    (reason) => this.kill(reason),
    () => this.#takeNotNode(),
  );
  readonly #connection: ChildConnection;
  #heartbeat: Heartbeat | undefined;
  #lastRequest = 0;
  #killed: Killed | undefined;
  readonly #witness: EndWitness;
  #endsInOrder = false;
  #hasExited = false;
  #isLeft = false;
  #advice: string | undefined;
  #end: ChildEnd | undefined;
  #onReady!: () => void;
  #onEnded!: () => void;
  #onNeverReady!: (error: LoadError) => void;

  constructor(
    private readonly spawned: Spawned,
    private readonly options: PluginChildOptions,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onNeverReady = reject;
    });
    this.ready.catch(() => undefined); // whoever waits for it is told
    this.ended = new Promise((resolve) => (this.#onEnded = resolve));
    const { process: child, socket } = spawned;
    this.clock = new ProcessClock(child.pid);
    this.clock.mayWaitForHost = outputReadSince(spawned);
    this.#connection = new ChildConnection(socket, Math.max(options.maxPayloadBytes, MOST_ANSWERED), {
      onFrame: ({ header, payload }) => this.#inbox.take(header, payload),
      onViolation: (problem) => this.kill(`broke the protocol: it sent ${problem}`),
    });
    // A child that closes the socket and lives on cannot be spoken to.
    socket.on('close', () => void this.clock.deadline(LAST_WORDS_MS, () => this.#killDisconnected()));
    this.#witness = new EndWitness(child, (end) => this.#onExit(end), () => this.#onStays());
    socket.on('close', () => this.#witness.expectEnd());
  }

  get pid(): number | undefined {
    return this.spawned.process.pid;
  }

  get maxPayloadBytes(): number {
    return this.options.maxPayloadBytes;
  }

  /** Whether it has ended, or is about to. */
  get isGone(): boolean {
    return this.#killed !== undefined || this.#endsInOrder || this.#hasExited;
  }

  attach(plugin: number, sink: PluginSink): void {
    this.#inbox.plugins.set(plugin, sink);
  }

  detach(plugin: number): void {
    this.#inbox.plugins.delete(plugin);
  }

  /** `onSent` is called when the child has read it, but for what the system keeps for it. */
  send(message: HostMessage, payload?: string, onSent?: () => void): void {
    this.#connection.send(message, payload, onSent);
  }

  /** What was sent, and how far the child has read. */
  get outbox(): ChildConnection['outbox'] {
    return this.#connection.outbox;
  }

  /** Bytes that it has caused, by calls of its own, and does not read. */
  get unread(): number {
    return this.#connection.unread;
  }

  /** Nothing more is read from it until what this returns is called. */
  holdReading(): () => void {
    return this.#connection.holdReading();
  }

  /** Rejects with the PluginError that the child answered, or with how it ended. */
  async request(message: Without<HostRequest, 'request'>, payload: string | undefined, progress: Progress): Promise<RequestAnswer> {
    const over = this.steps.begin(message.type, progress.pluginId);
    const release = keepAlive();
    const request = ++this.#lastRequest;
    try {
      return await new Promise((resolve, reject) => {
        if (this.#end !== undefined) throw this.#end as unknown as Error; // as when it ends meanwhile
        this.#inbox.requests.set(request, { type: message.type, progress, resolve, reject });
        this.send({ ...message, request }, payload);
      });
    } finally {
      release();
      over();
    }
  }

  /** What comes of invocation `id` goes to `sink` until that is over. */
  listen(id: number, sink: InvocationSink): void {
    this.#inbox.invocations.add(id, sink);
  }

  /** Asks the child to end itself. */
  dismiss(): void {
    this.#endsInOrder = true;
    this.#heartbeat?.stop();
    this.send({ type: 'exit' });
  }

  /**
   * `reason` follows "the plugin's process was killed by the host: it"; `culprit` is what it is killed for, where that is
   * known; `machine`, why that is no fault of a plugin's. Everything that waits is told when the process has ended.
   */
  kill(reason: string, culprit?: AskedFor, machine?: MachineCause): void {
    if (this.#hasExited) return;
    const failure = killTree(this.spawned.process);
    const told = failure === undefined ? 'was killed by the host' : `could not be killed by the host (${failure})`;
    this.#killed ??= { reason: `${told}: it ${reason}`, culprit, failure, machine };
    // One that is not stuck ends itself without its connection.
    if (failure !== undefined) this.spawned.socket.destroy();
    this.#witness.expectEnd();
  }

  /** Why it may still run after `ended`: the system's code for a kill that it refused. */
  get leftRunning(): string | undefined {
    return this.#isLeft ? this.#killed?.failure : undefined;
  }

  /** An invocation got no thread until its deadline: from here what keeps the threads has no more time. */
  starved(): void {
    for (const invocation of [...this.abandoned]) invocation.becomeOverdue();
  }

  #takeReady(version: number): string | undefined {
    if (version !== PROTOCOL_VERSION) return `version ${version} of the protocol, where this host speaks ${PROTOCOL_VERSION}`;
    this.#onReady();
    const { heartbeatMs } = this.options;
    if (heartbeatMs === undefined) return undefined;
    const ask = (): void => this.send({ type: 'ping' });
    this.#heartbeat ??= new Heartbeat(heartbeatMs, { outbox: this.outbox, clock: this.clock, ask, onStuck: (problem) => this.kill(problem) });
    return undefined;
  }

  #killDisconnected(): void {
    this.#witness.look(); // it may have ended by itself
    this.kill('closed its connection to the host');
  }

  #takeNotNode(): void {
    this.#advice = NODE_PATH_ADVICE;
    this.kill("is the host's own program again, and not Node");
  }

  /** Nobody waits any longer for one that the host may not kill. */
  #onStays(): void {
    if (this.#killed?.failure === undefined) return;
    this.#isLeft = true;
    this.#onExit({ exitCode: null, signal: null, reason: this.#killed.reason });
  }

  #onExit(told: ProcessEnd): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    forgetChild(this.spawned.process);
    this.#heartbeat?.stop();
    const { socket, stdout, stderr, process: child } = this.spawned;
    killTree(child);
    this.#connection.hasEnded();
    const asked = this.#killed?.culprit ?? this.steps.current;
    const { signal, exitCode } = told;
    const { reason, machine } = this.#killed ?? this.#explain(told);
    let isOver = false;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      callOff();
      for (const stream of [socket, stdout, stderr]) stream.destroy();
      this.#finish({ signal, exitCode, reason, ...asked, ...(machine !== undefined && { machine }) });
    };
    const callOff = deadline(LAST_WORDS_MS, finish, { keepsRunning: true });
    child.once('close', finish);
  }

  /** Of one that the host did not kill. */
  #explain(end: ProcessEnd): ProcessEnd {
    const machine = machineCause(end, this.steps.current.during === IDLE, this.options.poolSize);
    return machine === undefined ? end : { ...end, reason: end.reason + MACHINE_WORDS[machine], machine };
  }

  #finish(end: ChildEnd): void {
    this.#end = end;
    const reason = `it ${end.reason} before it was ready`;
    this.#onNeverReady(new LoadError('ERR_CHILD_PROCESS', { reason, advice: this.#advice }));
    this.#inbox.close(end);
    this.options.onEnd(end);
    this.#onEnded();
  }
}
