import { Buffer } from 'node:buffer';
import type { PluginError, Step } from '../../errors/index.js';
import { OpenedLibraries } from '../../loader/opened-libraries.js';
import { keepAlive } from '../../options/keep-alive.js';
import type { TraceEntry } from '../../report/trace.js';
import { IDLE, type ChildEnd, type LastRequest } from '../supervisor/child-end.js';
import type { SupervisedSession, SupervisedChild } from '../supervisor/supervised-child.js';
import { errorOfPlugin } from '../wire/error-record.js';
import { MAX_ANSWER_BYTES, type HostRequest, type PluginMessage, type SessionMessage, type DistributiveOmit } from '../wire/messages.js';

type Message<T extends SessionMessage['type']> = Extract<SessionMessage, { readonly type: T }>;

/** A message about an invocation. */
export type InvocationMessage = Message<'pending' | 'chunk' | 'result' | 'returned' | 'failure'>;

/** Handles each message of a plugin. A handler returns what is wrong with the message, if anything. */
export type PluginHandlers = {
  readonly [T in PluginMessage['type']]: (message: Message<T>, payload: Buffer) => string | undefined;
};

/** Receives what a child sends about one plugin. A method that returns text says what is wrong with the message. */
export interface PluginEndpoint {
  readonly handlers: PluginHandlers;
  /** Whether the invocation was sent to this child and is not over. */
  owns(id: number): boolean;
  onInvocation(message: InvocationMessage, payload: Buffer): string | undefined;
  /** The newest invocation that was sent and is not over. */
  newest(): NumberedRequest | undefined;
  /** An invocation got no thread before its deadline: cancelled invocations that still hold threads must end now. */
  onStarved(): void;
  /** A wake-up was lost between the child and this process, and what waited for it goes on now. */
  onLostWakeUp(problem: string): void;
  onChildEnd(end: ChildEnd): void;
}

/** A request in progress. A newer one has a higher number. */
export interface NumberedRequest extends LastRequest {
  readonly number: number;
}

let lastNumber = 0;
export const nextRequestNumber = (): number => ++lastNumber;

/** The answer to a request. The payload is a copy. */
export interface RequestAnswer {
  readonly message: Message<'loaded' | 'done'>;
  readonly payload: Buffer;
}

/** Follows a request. */
export interface Progress {
  readonly pluginId: string;
  /** The path of the plugin's library. */
  readonly path: string;
  /** The child is about to take this step. */
  onStep(step: Step): void;
  /** The child has taken a step. Returns what is wrong with the message, if anything. */
  onTraced(entry: TraceEntry): string | undefined;
}

interface OpenRequest extends NumberedRequest {
  readonly type: HostRequest['type'];
  readonly progress: Progress;
  readonly resolve: (answer: RequestAnswer) => void;
  readonly reject: (reason: PluginError | ChildEnd) => void;
}

/** Exchanges messages with the plugins of one child. Every message from the child is checked before it is used. */
export class ChildSession implements SupervisedSession {
  /** The libraries that the child has opened. */
  readonly opened = new OpenedLibraries();
  readonly #requests = new Map<number, OpenRequest>();
  readonly #endpoints = new Map<number, PluginEndpoint>();
  /** Endpoints of plugins that have left, but whose native code may still be running invocations. */
  readonly #detached = new Set<PluginEndpoint>();
  #lastRequest = 0;

  constructor(readonly child: SupervisedChild<ChildSession>) {}

  attach(plugin: number, endpoint: PluginEndpoint): void {
    this.#endpoints.set(plugin, endpoint);
  }

  detach(plugin: number): void {
    const endpoint = this.#endpoints.get(plugin);
    this.#endpoints.delete(plugin);
    if (endpoint?.newest() !== undefined) this.#detached.add(endpoint);
  }

  /** Rejects with the PluginError that the child answered, or with the ChildEnd if it ended. */
  async request(message: DistributiveOmit<HostRequest, 'request'>, payload: string | Uint8Array | undefined, progress: Progress): Promise<RequestAnswer> {
    const release = keepAlive();
    const request = ++this.#lastRequest;
    try {
      return await new Promise((resolve, reject) => {
        const { end } = this.child;
        if (end !== undefined) throw end as unknown as Error; // the same as if it ends before it answers
        const { type } = message;
        this.#requests.set(request, { type, progress, resolve, reject, during: type, suspect: progress.pluginId, number: nextRequestNumber() });
        this.child.send({ ...message, request }, payload);
      });
    } finally {
      release();
      this.#requests.delete(request);
    }
  }

  get lastRequest(): LastRequest {
    const invoked = this.#allEndpoints.flatMap((endpoint) => endpoint.newest() ?? []);
    const requests: readonly NumberedRequest[] = [...this.#requests.values(), ...invoked];
    const newest = requests.reduce<NumberedRequest | undefined>((last, next) => (last !== undefined && last.number > next.number ? last : next), undefined);
    return newest === undefined ? IDLE : { during: newest.during, ...(newest.suspect !== undefined && { suspect: newest.suspect }) };
  }

  onStarved(): void {
    for (const endpoint of this.#allEndpoints) endpoint.onStarved();
  }

  onLostWakeUp(problem: string): void {
    for (const endpoint of this.#allEndpoints) endpoint.onLostWakeUp(problem);
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
        return this.#passToInvocation(message, payload);
      case 'log':
      case 'event':
      case 'call':
        return this.#passToPlugin(message, payload);
    }
  }

  close(end: ChildEnd): void {
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const request of requests) request.reject(end);
    for (const endpoint of this.#allEndpoints) endpoint.onChildEnd(end);
  }

  get #allEndpoints(): readonly PluginEndpoint[] {
    return [...this.#endpoints.values(), ...this.#detached];
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
    // The request is removed only after its answer was checked: if the child is killed for the answer, the request is rejected.
    if (message.type === 'failed') request.reject(errorOfPlugin(message.error, request.progress));
    else {
      if ((message.type === 'loaded') !== (request.type === 'load')) return `${message.type} in answer to ${request.type}`;
      if (payload.length > MAX_ANSWER_BYTES) return `an answer to ${request.type} of ${payload.length} bytes`;
      request.resolve({ message, payload: Buffer.from(payload) });
    }
    this.#requests.delete(message.request);
    return undefined;
  }

  #passToPlugin(message: PluginMessage, payload: Buffer): string | undefined {
    const endpoint = this.#endpoints.get(message.plugin);
    if (endpoint === undefined) return `a message of plugin ${message.plugin}, which is not loaded`;
    return endpoint.handlers[message.type](message as never, payload);
  }

  /** Invocation ids are unique in the host, so at most one plugin owns a given one. */
  #passToInvocation(message: InvocationMessage, payload: Buffer): string | undefined {
    for (const endpoint of this.#endpoints.values()) if (endpoint.owns(message.id)) return endpoint.onInvocation(message, payload);
    for (const endpoint of this.#detached) if (endpoint.owns(message.id)) return endpoint.onInvocation(message, payload);
    return `a ${message.type} of invocation ${message.id}, which is not open`;
  }
}
