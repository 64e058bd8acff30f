import { LoadError, processEndOf, type MachineCause, type ProcessEnd } from '../../errors/index.js';
import { MACHINE_WORDS, machineCause } from '../../machine/machine-cause.js';
import { deadline } from '../../options/deadline-clock.js';
import { ProcessClock } from '../../options/process-clock.js';
import { NODE_PATH_ADVICE } from '../wire/host-in-child.js';
import { MAX_ANSWER_BYTES, PROTOCOL_VERSION, type HostMessage, type SessionMessage } from '../wire/messages.js';
import { readChildMessage } from '../wire/read-message.js';
import type { Backlog } from '../wire/transport.js';
import { IDLE, type AskedFor, type ChildEnd } from './child-end.js';
import { Connection } from './connection.js';
import { ExitWatcher } from './exit-watcher.js';
import { FloodLimit } from './flood-limit.js';
import { Heartbeat } from './heartbeat.js';
import { outputReadSince } from './output-activity.js';
import { forgetChild, killTree, type Spawned } from './spawn.js';

/** What is said to a child, and asked of it, beyond its being alive. A supervisor knows no more of that than this. */
export interface SupervisedSession {
  /** Returns what is wrong with the message, if something is. `payload` is valid until this returns. */
  take(message: SessionMessage, payload: Buffer): string | undefined;
  /** What was asked last and is not over: an unexpected end is put down to it. */
  readonly asked: AskedFor;
  /** The child has ended. Everyone who waits is told. */
  close(end: ChildEnd): void;
}

export interface SupervisedChildOptions<S extends SupervisedSession> {
  readonly maxPayloadBytes: number;
  /** Milliseconds between heartbeats, or `undefined` for none. */
  readonly heartbeatMs: number | undefined;
  /** Its threads for native code. */
  readonly poolSize: number;
  /** Called once, when it has ended and everything that waited has been told. */
  readonly onEnd: (end: ChildEnd) => void;
  readonly openSession: (child: SupervisedChild<S>) => S;
}

/** Why the host has killed it. */
interface Killed {
  readonly reason: string;
  readonly culprit: AskedFor | undefined;
  /** The system's code for a kill that it refused. */
  readonly failure: string | undefined;
  readonly machine: MachineCause | undefined;
}

/** How long what a dead child wrote last is waited for: what it started may hold its pipes open. */
const LAST_WORDS_MS = 250;

/** One child process, from when it was started until it has ended. What it sends that is no message kills it. */
export class SupervisedChild<S extends SupervisedSession = SupervisedSession> {
  readonly ready: Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly session: S;
  /** The time in which it could run. Its steps are judged by that. */
  readonly clock: ProcessClock;
  readonly #connection: Connection;
  readonly #flood = new FloodLimit();
  #heartbeat: Heartbeat | undefined;
  #killed: Killed | undefined;
  readonly #witness: ExitWatcher;
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
    private readonly options: SupervisedChildOptions<S>,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onNeverReady = reject;
    });
    this.ready.catch(() => undefined); // handled by those who await `ready`
    this.ended = new Promise((resolve) => (this.#onEnded = resolve));
    const { process: child, connect } = spawned;
    this.clock = new ProcessClock(child.pid);
    this.clock.mayWaitForHost = outputReadSince(spawned);
    this.#witness = new ExitWatcher(child, (end) => this.#onExit(end), () => this.#onStays());
    this.session = options.openSession(this);
    this.#connection = new Connection((events) => connect(Math.max(options.maxPayloadBytes, MAX_ANSWER_BYTES), events), {
      onMessage: (header, payload) => this.#take(header, payload),
      onViolation: (problem) => this.kill(`broke the protocol: it sent ${problem}`),
      onClose: () => this.#onDisconnected(),
    });
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

  /** `onSent` is called when the child has read it, but for what the system keeps for it. */
  send(message: HostMessage, payload?: string, onSent?: () => void): void {
    this.#connection.send(message, payload, onSent);
  }

  /** What was sent, and how far the child has read. */
  get backlog(): Backlog {
    return this.#connection.backlog;
  }

  /** Bytes that it has caused, by calls of its own, and does not read. */
  get unread(): number {
    return this.#connection.unread;
  }

  /** Nothing more is read from it until what this returns is called. */
  holdReading(): () => void {
    return this.#connection.holdReading();
  }

  /** How it has ended, once it has. */
  get end(): ChildEnd | undefined {
    return this.#end;
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
    if (failure !== undefined) this.#connection.close();
    this.#witness.expectEnd();
  }

  /** Why it may still run after `ended`: the system's code for a kill that it refused. */
  get leftRunning(): string | undefined {
    return this.#isLeft ? this.#killed?.failure : undefined;
  }

  #take(header: unknown, payload: Buffer): string | undefined {
    const message = readChildMessage(header);
    if (message === undefined) return 'a message of no known shape';
    const flood = this.#flood.take(message.type, payload.length);
    if (flood !== undefined) return flood;
    if (message.type === 'ready') return this.#takeReady(message.version);
    if (message.type === 'pong') this.#heartbeat?.heard();
    else if (message.type === 'hopeless') this.kill(message.reason);
    else if (message.type === 'notNode') this.#takeNotNode();
    else return this.session.take(message, payload);
    return undefined;
  }

  #takeReady(version: number): string | undefined {
    if (version !== PROTOCOL_VERSION) return `version ${version} of the protocol, where this host speaks ${PROTOCOL_VERSION}`;
    this.#onReady();
    const { heartbeatMs } = this.options;
    if (heartbeatMs === undefined) return undefined;
    const ask = (): void => this.send({ type: 'ping' });
    this.#heartbeat ??= new Heartbeat(heartbeatMs, { backlog: this.backlog, clock: this.clock, ask, onStuck: (problem) => this.kill(problem) });
    return undefined;
  }

  /** A child that closes its connection and lives on cannot be spoken to. */
  #onDisconnected(): void {
    this.clock.deadline(LAST_WORDS_MS, () => this.#killDisconnected());
    this.#witness.expectEnd();
  }

  #killDisconnected(): void {
    this.#witness.look(); // it may have ended by itself
    this.kill('closed its connection to the host');
  }

  #takeNotNode(): void {
    this.#advice = NODE_PATH_ADVICE;
    this.kill("is the host's own program again, and not Node");
  }

  /** The host may not kill the child. Stops waiting for its end. */
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
    const { stdout, stderr, process: child } = this.spawned;
    killTree(child);
    this.#connection.hasEnded();
    const asked = this.#killed?.culprit ?? this.session.asked;
    const explained = this.#killed === undefined ? this.#explain(told) : { ...told, ...endingOf(this.#killed) };
    let isOver = false;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      callOff();
      this.#connection.close();
      for (const stream of [stdout, stderr]) stream.destroy();
      this.#finish({ ...processEndOf(explained), ...asked });
    };
    const callOff = deadline(LAST_WORDS_MS, finish, { keepsRunning: true });
    child.once('close', finish);
  }

  /** Finds the cause of an end that the host did not bring about. */
  #explain(end: ProcessEnd): ProcessEnd {
    const machine = machineCause(end, this.session.asked === IDLE, this.options.poolSize);
    return machine === undefined ? end : { ...end, reason: end.reason + MACHINE_WORDS[machine], machine };
  }

  #finish(end: ChildEnd): void {
    this.#end = end;
    const reason = `it ${end.reason} before it was ready`;
    this.#onNeverReady(new LoadError('ERR_CHILD_PROCESS', { reason, advice: this.#advice }));
    this.session.close(end);
    this.options.onEnd(end);
    this.#onEnded();
  }
}

/** The end of a child that the host has killed, or tried to. */
const endingOf = ({ reason, machine, failure }: Killed) =>
  ({ reason, machine, ending: failure === undefined ? 'killed-by-host' : 'kill-refused' }) as const;
