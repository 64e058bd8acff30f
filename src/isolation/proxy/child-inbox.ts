import type { ProcessEnd } from '../../errors/entry.js';
import type { PluginError, Step } from '../../errors/index.js';
import type { TraceEntry } from '../../report/trace.js';
import { TokenBucket } from '../../options/token-bucket.js';
import { errorOfPlugin } from '../wire/error-record.js';
import { readChildMessage } from '../wire/read-message.js';
import type { AskedFor } from '../supervisor/step-log.js';
import type { ChildMessage, HostRequest } from '../wire/messages.js';
import { SentInvocations } from './sent-invocations.js';
import { textOf } from '../wire/utf8.js';

type Message<T extends ChildMessage['type']> = Extract<ChildMessage, { readonly type: T }>;

/** A plugin as the child's messages find it. */
export interface PluginSink {
  onLog(level: Message<'log'>['level'], payload: Buffer): void;
  onEvent(message: Message<'event'>): void;
  /** Returns what was wrong with the message. */
  onCall(message: Message<'call'>, payload: Buffer): string | undefined;
}

/** How and when a child ended. */
export interface ChildEnd extends ProcessEnd, AskedFor {}

/** Whether what a request was rejected with is the end of its child. */
export const isChildEnd = (thrown: unknown): thrown is ChildEnd =>
  typeof thrown === 'object' && thrown !== null && 'exitCode' in thrown && 'during' in thrown;

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

interface OpenRequest {
  readonly type: HostRequest['type'];
  readonly progress: Progress;
  readonly resolve: (answer: RequestAnswer) => void;
  readonly reject: (reason: PluginError | ChildEnd) => void;
}

/** Bytes of what was registered, whatever the limit of payloads is. */
export const MOST_ANSWERED = 16 << 20;

/** Messages of which a child decides how many there are; a KiB counts as one more. Calls and chunks have limits of their own; of the others each answers the host. */
const UNASKED: ReadonlySet<ChildMessage['type']> = new Set(['ready', 'pong', 'step', 'traced', 'log', 'event']);
const PER_SECOND = 20_000;
const AT_ONCE = 100_000;
const KIB = 1024;
const TOO_MUCH = `more than ${PER_SECOND} messages or KiB a second that nobody asked for`;

/** Sorts what comes from a child to who waits for it. Nothing in it is believed before it has been checked. */
export class ChildInbox {
  readonly requests = new Map<number, OpenRequest>();
  readonly invocations = new SentInvocations();
  readonly plugins = new Map<number, PluginSink>();
  readonly #unasked = new TokenBucket(PER_SECOND, AT_ONCE);

  constructor(
    /** Returns what is wrong with the version. */
    private readonly onReady: (version: number) => string | undefined,
    private readonly onPong: () => void,
    private readonly onHopeless: (reason: string) => void,
    private readonly onNotNode: () => void,
  ) {}

  /** Returns what is wrong with the message, if something is. `payload` is read before this returns. */
  take(header: unknown, payload: Buffer): string | undefined {
    const message = readChildMessage(header);
    if (message === undefined) return 'a message of no known shape';
    // What counts is what it costs to read it, also where nobody wants the payload.
    if (UNASKED.has(message.type) && !this.#unasked.spend(1 + Math.floor(payload.length / KIB))) return TOO_MUCH;
    switch (message.type) {
      case 'ready':
        return this.onReady(message.version);
      case 'pong':
        this.onPong();
        return undefined;
      case 'hopeless':
        this.onHopeless(message.reason);
        return undefined;
      case 'notNode':
        this.onNotNode();
        return undefined;
      case 'step':
      case 'traced':
        return this.#takeProgress(message);
      case 'loaded':
      case 'done':
      case 'failed':
        return this.#answerRequest(message, payload);
      case 'log':
      case 'event':
      case 'call':
        return this.#tellPlugin(message, payload);
      case 'pending':
      case 'chunk':
      case 'result':
      case 'returned':
      case 'failure':
        return this.invocations.take(message, payload);
    }
  }

  /** Tells everyone who waits that nothing comes any more. */
  close(end: ChildEnd): void {
    const requests = [...this.requests.values()];
    this.requests.clear();
    for (const request of requests) request.reject(end);
    this.invocations.close(end);
  }

  #takeProgress(message: Message<'step' | 'traced'>): string | undefined {
    const progress = this.requests.get(message.request)?.progress;
    if (progress === undefined) return 'a step of no request';
    if (message.type === 'traced') return progress.onTraced(message.entry);
    progress.onStep(message.step);
    return undefined;
  }

  #answerRequest(message: Message<'loaded' | 'done' | 'failed'>, payload: Buffer): string | undefined {
    const request = this.requests.get(message.request);
    if (request === undefined) return 'an answer to no request';
    // It stays open until its answer has been found good: whoever waits for it is told when the child is gone, at the latest.
    if (message.type === 'failed') request.reject(errorOfPlugin(message.error, request.progress));
    else {
      if ((message.type === 'loaded') !== (request.type === 'load')) return `${message.type} in answer to ${request.type}`;
      if (payload.length > MOST_ANSWERED) return `an answer to ${request.type} of ${payload.length} bytes`;
      request.resolve({ message, payload: textOf(payload) });
    }
    this.requests.delete(message.request);
    return undefined;
  }

  #tellPlugin(message: Message<'log' | 'event' | 'call'>, payload: Buffer): string | undefined {
    const plugin = this.plugins.get(message.plugin);
    if (plugin === undefined) return `a message of plugin ${message.plugin}, which is not in it`;
    if (message.type === 'call') return plugin.onCall(message, payload);
    if (message.type === 'log') plugin.onLog(message.level, payload);
    else plugin.onEvent(message);
    return undefined;
  }
}
