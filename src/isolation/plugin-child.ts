import type { ProcessEnd } from '../errors/entry.js';
import { LoadError, type PluginError } from '../errors/index.js';
import { keepAlive } from '../plugin/native/keep-alive.js';
import { Budget } from './budget.js';
import { describeEnd, killTree, type Spawned } from './child-process.js';
import { errorFrom } from './error-record.js';
import { FrameError, FrameReader, encodeFrame, type Frame } from './frames.js';
import { Heartbeat } from './heartbeat.js';
import { PROTOCOL_VERSION, readChildMessage, type ChildMessage, type HostMessage, type HostRequest, type Without } from './protocol.js';
import { StepLog } from './step-log.js';

/** An invocation as the child's messages find it. Each returns what was wrong with the message, if something was. */
export interface InvocationSink {
  onPending(): void;
  onChunk(tag: (ChildMessage & { type: 'chunk' })['tag'], isText: boolean, payload: Buffer): string | undefined;
  onResult(payload: Buffer): string | undefined;
  onFailure(error: PluginError, stillRunning: boolean): void;
  onReturned(): void;
  /** The child is gone; nothing more comes. */
  onLost(end: ChildEnd): void;
}

/** A plugin as the child's messages find it. */
export interface PluginSink {
  onLog(message: ChildMessage & { type: 'log' }, payload: Buffer): void;
  onEvent(message: ChildMessage & { type: 'event' }): void;
  onCall(message: ChildMessage & { type: 'call' }, payload: Buffer): string | undefined;
}

/** How and when a child ended. */
export interface ChildEnd extends ProcessEnd {
  /** What the host had last asked for: `load`, `init`, `tool forecast` …, or `idle`. */
  readonly during: string;
}

/** What answered a request. */
export interface RequestAnswer {
  readonly message: ChildMessage & { type: 'loaded' | 'done' };
  readonly payload: Buffer;
}

export interface PluginChildOptions {
  readonly maxPayloadBytes: number;
  /** Milliseconds between heartbeats, or `undefined` for none. */
  readonly heartbeatMs: number | undefined;
  /** Called once, when it has ended and everything that waited has been told. */
  readonly onEnd: (end: ChildEnd) => void;
}

/** Registrations alone may need this much, whatever the limit of payloads. */
const LEAST_LIMIT = 16 << 20;
/** Messages that nobody asked for: logs, events, signs of life. */
const UNASKED = { perSecond: 20_000, atOnce: 100_000 };
/** How long what a dead child wrote last is waited for: what it started may hold its pipes open. */
const LAST_WORDS_MS = 250;

interface OpenRequest {
  readonly type: HostRequest['type'];
  readonly resolve: (answer: RequestAnswer) => void;
  readonly reject: (reason: PluginError | ChildEnd) => void;
}

/** The host's end of one child process: sends, and sorts what comes. Whatever comes that is no message kills the child. */
export class PluginChild {
  readonly ready: Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** What the host has asked for and what is not over. */
  readonly steps = new StepLog();
  readonly #requests = new Map<number, OpenRequest>();
  readonly #invocations = new Map<number, InvocationSink>();
  readonly #plugins = new Map<number, PluginSink>();
  readonly #unasked = new Budget(UNASKED.perSecond, UNASKED.atOnce);
  readonly #reader: FrameReader;
  readonly #heartbeat: Heartbeat | undefined;
  #lastRequest = 0;
  #killReason: string | undefined;
  #endsInOrder = false;
  #hasExited = false;
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
    this.#reader = new FrameReader(Math.max(options.maxPayloadBytes, LEAST_LIMIT));
    const { process: child, socket } = spawned;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => undefined); // its end is what counts
    // A child that closes the socket and lives on cannot be spoken to.
    socket.on('close', () => setTimeout(() => this.kill('closed its connection to the host'), LAST_WORDS_MS).unref());
    child.once('exit', (code, signal) => this.#onExit(code, signal));
    if (options.heartbeatMs !== undefined) {
      this.#heartbeat = new Heartbeat(options.heartbeatMs, () => this.send({ type: 'ping' }), (ms) => this.kill(`gave no sign of life for ${ms} ms`));
    }
  }

  get pid(): number | undefined {
    return this.spawned.process.pid;
  }

  /** Whether it has ended, or is about to. */
  get isGone(): boolean {
    return this.#killReason !== undefined || this.#endsInOrder || this.#hasExited;
  }

  attach(plugin: number, sink: PluginSink): void {
    this.#plugins.set(plugin, sink);
  }

  detach(plugin: number): void {
    this.#plugins.delete(plugin);
  }

  send(message: HostMessage, payload?: string): void {
    if (!this.spawned.socket.destroyed) this.spawned.socket.write(encodeFrame(message, payload));
  }

  /** Rejects with the PluginError that the child answered, or with how it ended. */
  async request(message: Without<HostRequest, 'request'>, payload?: string): Promise<RequestAnswer> {
    const over = this.steps.begin(message.type);
    const release = keepAlive();
    const request = ++this.#lastRequest;
    try {
      return await new Promise((resolve, reject) => {
        if (this.#end !== undefined) throw this.#end as unknown as Error;
        this.#requests.set(request, { type: message.type, resolve, reject });
        this.send({ ...message, request } as HostRequest, payload);
      });
    } finally {
      release();
      over();
    }
  }

  /** What comes of invocation `id` goes to `sink` until that is over. */
  listen(id: number, sink: InvocationSink): void {
    this.#invocations.set(id, sink);
  }

  /** Asks the child to end itself. */
  end(): void {
    this.#endsInOrder = true;
    this.#heartbeat?.stop();
    this.send({ type: 'exit' });
  }

  /** `reason` follows "the plugin's process". Everything that waits is told when the process has ended. */
  kill(reason: string): void {
    if (this.#hasExited) return;
    this.#killReason ??= `was killed by the host: it ${reason}`;
    killTree(this.spawned.process);
  }

  #read(bytes: Buffer): void {
    try {
      this.#reader.push(bytes, (frame) => this.#take(frame));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#violation(error.message);
    }
  }

  /** Says whether to go on. */
  #take(frame: Frame): boolean {
    const message = readChildMessage(frame.header);
    const problem = message === undefined ? 'a message of no known shape' : this.#dispatch(message, frame.payload);
    if (problem === undefined) return true;
    this.#violation(problem);
    return false;
  }

  #violation(problem: string): void {
    this.kill(`broke the protocol: it sent ${problem}`);
    this.spawned.socket.destroy();
  }

  /** Returns what is wrong with the message, if something is. */
  #dispatch(message: ChildMessage, payload: Buffer): string | undefined {
    switch (message.type) {
      case 'ready':
        return this.#takeReady(message.version);
      case 'pong':
        this.#heartbeat?.heard();
        return this.#unaskedProblem();
      case 'loaded':
      case 'done':
      case 'failed':
        return this.#answerRequest(message, payload);
      case 'log':
      case 'event':
      case 'call':
        return this.#tellPlugin(message, payload);
      default:
        return this.#tellInvocation(message, payload);
    }
  }

  #takeReady(version: number): string | undefined {
    if (version !== PROTOCOL_VERSION) return `version ${version} of the protocol, where this host speaks ${PROTOCOL_VERSION}`;
    this.#onReady();
    return this.#unaskedProblem();
  }

  #unaskedProblem(): string | undefined {
    return this.#unasked.spend(1) ? undefined : `more than ${UNASKED.perSecond} messages a second that nobody asked for`;
  }

  #answerRequest(message: ChildMessage & { type: 'loaded' | 'done' | 'failed' }, payload: Buffer): string | undefined {
    const request = this.#requests.get(message.request);
    if (request === undefined) return 'an answer to no request';
    this.#requests.delete(message.request);
    if (message.type === 'failed') {
      const error = errorFrom(message.error);
      if (error === undefined) return `an error ${message.error.code} without its fields`;
      request.reject(error);
      return undefined;
    }
    if ((message.type === 'loaded') !== (request.type === 'load')) return `${message.type} in answer to ${request.type}`;
    request.resolve({ message, payload: Buffer.from(payload) });
    return undefined;
  }

  #tellPlugin(message: ChildMessage & { type: 'log' | 'event' | 'call' }, payload: Buffer): string | undefined {
    const plugin = this.#plugins.get(message.plugin);
    if (plugin === undefined) return `a message of plugin ${message.plugin}, which is not in it`;
    if (message.type === 'call') return plugin.onCall(message, payload);
    if (message.type === 'log') plugin.onLog(message, payload);
    else plugin.onEvent(message);
    return this.#unaskedProblem();
  }

  #tellInvocation(
    message: ChildMessage & { type: 'result' | 'failure' | 'returned' | 'pending' | 'chunk' },
    payload: Buffer,
  ): string | undefined {
    const invocation = this.#invocations.get(message.id);
    if (invocation === undefined) return `a ${message.type} of invocation ${message.id}, which is not open`;
    switch (message.type) {
      case 'pending':
        invocation.onPending();
        return this.#unaskedProblem();
      case 'chunk':
        return invocation.onChunk(message.tag, message.isText, payload);
      case 'result':
        this.#invocations.delete(message.id);
        return invocation.onResult(payload);
      case 'returned':
        this.#invocations.delete(message.id);
        invocation.onReturned();
        return undefined;
      case 'failure': {
        const error = errorFrom(message.error);
        if (error === undefined) return `an error ${message.error.code} without its fields`;
        if (!message.stillRunning) this.#invocations.delete(message.id);
        invocation.onFailure(error, message.stillRunning);
        return undefined;
      }
    }
  }

  #onExit(exitCode: number | null, signal: NodeJS.Signals | null): void {
    this.#hasExited = true;
    this.#heartbeat?.stop();
    const { socket, stdout, stderr, process: child } = this.spawned;
    killTree(child);
    const during = this.steps.current;
    const told = describeEnd(exitCode, signal);
    let isOver = false;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      for (const stream of [socket, stdout, stderr]) stream.destroy();
      this.#finish({ ...told, reason: this.#killReason ?? told.reason, during });
    };
    const timer = setTimeout(finish, LAST_WORDS_MS);
    child.once('close', finish);
  }

  #finish(end: ChildEnd): void {
    this.#end = end;
    const reason = `it ${end.reason} before it was ready`;
    this.#onNeverReady(new LoadError('ERR_CHILD_PROCESS', { reason }));
    const requests = [...this.#requests.values()];
    const invocations = [...this.#invocations.values()];
    this.#requests.clear();
    this.#invocations.clear();
    for (const request of requests) request.reject(end);
    for (const invocation of invocations) invocation.onLost(end);
    this.options.onEnd(end);
    this.#onEnded();
  }
}
