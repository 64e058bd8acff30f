import type { PluginError, Step } from '../../errors/index.js';
import { OpenedLibraries } from '../../loader/opened-libraries.js';
import { keepAlive } from '../../options/keep-alive.js';
import type { TraceEntry } from '../../report/trace.js';
import { IDLE, type AskedFor, type ChildEnd } from '../supervisor/child-end.js';
import type { SupervisedSession, SupervisedChild } from '../supervisor/supervised-child.js';
import { errorOfPlugin } from '../wire/error-record.js';
import { MAX_ANSWER_BYTES, type HostRequest, type PluginMessage, type SessionMessage, type Without } from '../wire/messages.js';
import { textOf } from '../wire/utf8.js';

type Message<T extends SessionMessage['type']> = Extract<SessionMessage, { readonly type: T }>;

/** Of an invocation. */
export type InvocationMessage = Message<'pending' | 'chunk' | 'result' | 'returned' | 'failure'>;

/** What takes each message of a plugin. One that returns a text says what was wrong with the message. */
export type PluginHandlers = {
  readonly [T in PluginMessage['type']]: (message: Message<T>, payload: Buffer) => string | undefined;
};

/** A plugin as the child's messages find it. Those that return a text say what was wrong with the message. */
export interface PluginEndpoint {
  readonly handlers: PluginHandlers;
  /** Whether this child was sent that invocation, and it is not over. */
  owns(id: number): boolean;
  onInvocation(message: InvocationMessage, payload: Buffer): string | undefined;
  /** The newest invocation that was sent and is not over. */
  newest(): NumberedStep | undefined;
  /** An invocation got no thread until its deadline: from here what keeps the threads has no more time. */
  onStarved(): void;
  /** The child has ended. */
  onLost(end: ChildEnd): void;
}

/** Something that was asked for. Of two the one with the higher number is newer. */
export interface NumberedStep extends AskedFor {
  readonly number: number;
}

let lastStep = 0;
export const nextStepNumber = (): number => ++lastStep;

/** What answered a request. A copy: the receiver's to keep. */
export interface RequestAnswer {
  readonly message: Message<'loaded' | 'done'>;
  readonly payload: string;
}

/** Hears what a request has come to. */
export interface Progress {
  /** Of whom it is asked, and where the library is. */
  readonly pluginId: string;
  readonly path: string;
  /** It is about to take this step. */
  onStep(step: Step): void;
  /** It has taken a step. Returns what was wrong with the message. */
  onTraced(entry: TraceEntry): string | undefined;
}

interface OpenRequest extends NumberedStep {
  readonly type: HostRequest['type'];
  readonly progress: Progress;
  readonly resolve: (answer: RequestAnswer) => void;
  readonly reject: (reason: PluginError | ChildEnd) => void;
}

/** What a host says to the plugins of one child, and they to it. Nothing from the child is believed before it has been checked. */
export class ChildSession implements SupervisedSession {
  /** The libraries that the host had it open. */
  readonly opened = new OpenedLibraries();
  readonly #requests = new Map<number, OpenRequest>();
  readonly #plugins = new Map<number, PluginEndpoint>();
  /** Have left, with invocations that native code may still be at. */
  readonly #left = new Set<PluginEndpoint>();
  #lastRequest = 0;

  constructor(readonly child: SupervisedChild<ChildSession>) {}

  attach(plugin: number, sink: PluginEndpoint): void {
    this.#plugins.set(plugin, sink);
  }

  detach(plugin: number): void {
    const sink = this.#plugins.get(plugin);
    this.#plugins.delete(plugin);
    if (sink?.newest() !== undefined) this.#left.add(sink);
  }

  /** Rejects with the PluginError that the child answered, or with how it ended. */
  async request(message: Without<HostRequest, 'request'>, payload: string | undefined, progress: Progress): Promise<RequestAnswer> {
    const release = keepAlive();
    const request = ++this.#lastRequest;
    try {
      return await new Promise((resolve, reject) => {
        const { end } = this.child;
        if (end !== undefined) throw end as unknown as Error; // as when it ends meanwhile
        const { type } = message;
        this.#requests.set(request, { type, progress, resolve, reject, during: type, suspect: progress.pluginId, number: nextStepNumber() });
        this.child.send({ ...message, request }, payload);
      });
    } finally {
      release();
      this.#requests.delete(request);
    }
  }

  get asked(): AskedFor {
    const invoked = this.#sinks.flatMap((plugin) => plugin.newest() ?? []);
    const steps: readonly NumberedStep[] = [...this.#requests.values(), ...invoked];
    const newest = steps.reduce<NumberedStep | undefined>((last, step) => (last !== undefined && last.number > step.number ? last : step), undefined);
    return newest === undefined ? IDLE : { during: newest.during, ...(newest.suspect !== undefined && { suspect: newest.suspect }) };
  }

  starved(): void {
    for (const plugin of this.#sinks) plugin.onStarved();
  }

  take(message: SessionMessage, payload: Buffer): string | undefined {
    switch (message.type) {
      case 'step':
      case 'traced':
        return this.#takeProgress(message);
      case 'loaded':
      case 'done':
      case 'failed':
        return this.#answerRequest(message, payload);
      case 'pending':
      case 'chunk':
      case 'result':
      case 'returned':
      case 'failure':
        return this.#tellInvocation(message, payload);
      case 'log':
      case 'event':
      case 'call':
        return this.#tellPlugin(message, payload);
    }
  }

  close(end: ChildEnd): void {
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const request of requests) request.reject(end);
    for (const plugin of this.#sinks) plugin.onLost(end);
  }

  get #sinks(): readonly PluginEndpoint[] {
    return [...this.#plugins.values(), ...this.#left];
  }

  #takeProgress(message: Message<'step' | 'traced'>): string | undefined {
    const progress = this.#requests.get(message.request)?.progress;
    if (progress === undefined) return 'a step of no request';
    if (message.type === 'traced') return progress.onTraced(message.entry);
    progress.onStep(message.step);
    return undefined;
  }

  #answerRequest(message: Message<'loaded' | 'done' | 'failed'>, payload: Buffer): string | undefined {
    const request = this.#requests.get(message.request);
    if (request === undefined) return 'an answer to no request';
    // The request stays open until its answer has been checked, so that it is rejected if the child is killed for that answer.
    if (message.type === 'failed') request.reject(errorOfPlugin(message.error, request.progress));
    else {
      if ((message.type === 'loaded') !== (request.type === 'load')) return `${message.type} in answer to ${request.type}`;
      if (payload.length > MAX_ANSWER_BYTES) return `an answer to ${request.type} of ${payload.length} bytes`;
      request.resolve({ message, payload: textOf(payload) });
    }
    this.#requests.delete(message.request);
    return undefined;
  }

  #tellPlugin(message: PluginMessage, payload: Buffer): string | undefined {
    const plugin = this.#plugins.get(message.plugin);
    if (plugin === undefined) return `a message of plugin ${message.plugin}, which is not in it`;
    return plugin.handlers[message.type](message as never, payload);
  }

  /** Ids are the host's own, so one plugin at most has each. */
  #tellInvocation(message: InvocationMessage, payload: Buffer): string | undefined {
    for (const plugin of this.#plugins.values()) if (plugin.owns(message.id)) return plugin.onInvocation(message, payload);
    for (const plugin of this.#left) if (plugin.owns(message.id)) return plugin.onInvocation(message, payload);
    return `a ${message.type} of invocation ${message.id}, which is not open`;
  }
}
