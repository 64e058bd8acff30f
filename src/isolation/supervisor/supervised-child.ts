import { LoadError, type MachineCause } from '../../errors/index.js';
import { ProcessClock } from '../../options/process-clock.js';
import type { CallChannel } from '../wire/call-channel.js';
import { NODE_PATH_ADVICE } from '../wire/host-in-child.js';
import { MAX_ANSWER_BYTES, PROTOCOL_VERSION, type ChildMessage, type HostMessage, type SessionMessage } from '../wire/messages.js';
import type { PluginTransport } from '../../report/plugin-report.js';
import type { Backlog } from '../wire/transport.js';
import type { ChildEnd, LastRequest } from './child-end.js';
import { ConnectGuard, type Guard } from './connect-guard.js';
import { Connection } from './connection.js';
import { FloodLimit } from './flood-limit.js';
import { Heartbeat } from './heartbeat.js';
import { outputReadSince } from './output-activity.js';
import type { Spawned } from './spawn.js';
import { Termination } from './termination.js';

/** Handles the messages about plugins. The supervisor handles only those about the process itself. */
export interface SupervisedSession {
  /** Returns what is wrong with the message, if anything. `payload` is valid until this returns. */
  take(message: SessionMessage, payload: Buffer): string | undefined;
  /** A wake-up was lost between the child and this process, and what waited for it goes on now. */
  onLostWakeUp(problem: string): void;
  /** An unexpected end of the child is attributed to this request. */
  readonly lastRequest: LastRequest;
  /** The child has ended. Rejects everything that waits for it. */
  close(end: ChildEnd): void;
}

export interface SupervisedChildOptions<S extends SupervisedSession> {
  readonly maxPayloadBytes: number;
  /** Milliseconds between heartbeats, or `undefined` for none. */
  readonly heartbeatMs: number | undefined;
  /** Called once, after the session was closed. */
  readonly onEnd: (end: ChildEnd) => void;
  readonly openSession: (child: SupervisedChild<S>) => S;
  /** What answers its calls, if anything: see guardChild. */
  readonly guard?: () => Guard | undefined;
}

/** One child process, from its start to its end. It is killed if it breaks the protocol. */
export class SupervisedChild<S extends SupervisedSession = SupervisedSession> {
  /** Rejects if it ends before it is ready. */
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  readonly session: S;
  /** Measures the time in which the child could run. Deadlines of its plugins use it. */
  readonly clock: ProcessClock;
  readonly #connection: Connection;
  readonly #flood = new FloodLimit();
  readonly #termination: Termination;
  #heartbeat: Heartbeat | undefined;
  #isDismissed = false;
  readonly #guard: ConnectGuard;
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
    this.clock = new ProcessClock(spawned.process.pid);
    this.clock.mayWaitForHost = outputReadSince(spawned);
    this.#termination = this.#watchTermination();
    this.#guard = new ConnectGuard(options.guard, (reason) => this.kill(reason, undefined, 'start'));
    this.session = options.openSession(this);
    this.#connection = new Connection((events) => spawned.connect(Math.max(options.maxPayloadBytes, MAX_ANSWER_BYTES), events), {
      onBytes: () => this.#heartbeat?.onSignOfLife(),
      onMessage: (message, payload) => this.#take(message, payload),
      onViolation: (problem) => this.kill(`broke the protocol: it sent ${problem}`),
      onLostWakeUp: (problem) => this.session.onLostWakeUp(problem),
      onUselessBell: (times) => this.#flood.take('bell', times),
      onClose: () => this.#termination.onDisconnected(this.clock),
    });
  }

  get pid(): number | undefined {
    return this.spawned.process.pid;
  }

  get maxPayloadBytes(): number {
    return this.options.maxPayloadBytes;
  }

  /** Whether it has ended, or will soon. */
  get isGone(): boolean {
    return this.#termination.hasBegun || this.#isDismissed;
  }

  /** `onSent` is called when the child has read the message, except for what the operating system buffers. */
  send(message: HostMessage, payload?: string | Uint8Array, onSent?: () => void): void {
    this.#connection.send(message, payload, onSent);
  }

  /** How much of what was sent the child has not read. */
  get backlog(): Backlog {
    return this.#connection.backlog;
  }

  /** The faster way for invocations, if there is one. */
  get calls(): CallChannel | undefined {
    return this.#connection.calls;
  }

  get transport(): PluginTransport {
    return this.calls?.transport ?? 'socket';
  }

  /** Bytes of answers to the child's own requests that it has not read. */
  get unread(): number {
    return this.#connection.unread;
  }

  /** Reads nothing more from the child until the returned function is called. */
  holdReading(): () => void {
    return this.#connection.holdReading();
  }

  /** How it ended; `undefined` while it runs. */
  get end(): ChildEnd | undefined {
    return this.#end;
  }

  /** Asks the child to exit. */
  dismiss(): void {
    this.#isDismissed = true;
    this.#heartbeat?.stop();
    this.send({ type: 'exit' });
  }

  /** See Termination.kill. Everything that waits for the child is rejected when the process has ended. */
  kill(reason: string, request?: LastRequest, machine?: MachineCause): void {
    this.#termination.kill(reason, request, machine);
  }

  /** Set after `ended` if the process may still run: the system's error code for the kill that it refused. */
  get leftRunning(): string | undefined {
    return this.#termination.leftRunning;
  }

  #watchTermination(): Termination {
    return new Termination(this.spawned, {
      lastRequest: () => this.session.lastRequest,
      onExit: () => {
        this.#heartbeat?.stop();
        this.#connection.readToEnd();
      },
      onEnd: (end) => this.#onEnd(end),
      onKillRefused: () => this.#connection.close(), // the child exits when its connection closes, unless it is stuck
    });
  }

  #take(message: ChildMessage, payload: Buffer): string | undefined {
    const flood = this.#flood.take(message.type, payload.length);
    if (flood !== undefined) return flood;
    if (message.type === 'ready') return this.#takeReady(message);
    if (message.type === 'pong') return undefined; // its bytes were the sign of life
    if (message.type === 'fatal') this.kill(message.reason);
    else if (message.type === 'notNode') this.#takeNotNode();
    else return this.session.take(message, payload);
    return undefined;
  }

  #takeReady({ version, usesMessages, listener, rules }: Extract<ChildMessage, { type: 'ready' }>): string | undefined {
    if (version !== PROTOCOL_VERSION) return `version ${version} of the protocol; this host uses version ${PROTOCOL_VERSION}`;
    if (!this.#guard.begin(this.pid ?? 0, listener, rules)) return undefined;
    if (usesMessages === true) this.#connection.dropCalls();
    this.#onReady();
    const { heartbeatMs } = this.options;
    if (heartbeatMs === undefined) return undefined;
    const ping = (): void => this.send({ type: 'ping' });
    this.#heartbeat ??= new Heartbeat(heartbeatMs, { backlog: this.backlog, clock: this.clock, ping, onStuck: (problem) => this.kill(problem) });
    return undefined;
  }

  #takeNotNode(): void {
    this.#advice = NODE_PATH_ADVICE;
    this.kill("is the host's own program, not Node");
  }

  #onEnd(end: ChildEnd): void {
    this.#connection.close();
    this.#guard.end();
    this.#end = end;
    const reason = `it ${end.reason} before it was ready`;
    this.#onNeverReady(new LoadError('ERR_CHILD_PROCESS', { reason, advice: this.#advice }));
    this.session.close(end);
    this.options.onEnd(end);
    this.#onEnded();
  }
}
