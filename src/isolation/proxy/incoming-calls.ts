import { labelOf } from '../../capability/descriptor.js';
import { messageOf, type InvocationError } from '../../errors/index.js';
import type { Callee } from '../../invocation/callee.js';
import { busy, failed } from '../../invocation/errors.js';
import { setImmediate } from '../../machine/node-timers.js';
import type { BackendApi } from '../../plugin/plugin.js';
import type { PluginHandlers } from './child-session.js';
import { recordOf } from '../wire/error-record.js';
import type { SupervisedChild } from '../supervisor/supervised-child.js';
import { CALL_TOLERANCE, callLimits } from '../wire/messages.js';
import type { RemoteInvoker } from './remote-invoker.js';
import { utf8Of } from '../wire/utf8.js';

/** Maximum number of calls that start in one turn of the event loop, so that the host can do other work. */
const MAX_PER_TURN = 32;
/** While more calls than this wait to start, the host does not read from the child. */
const MAX_WAITING = 256;

type CallMessage = Parameters<PluginHandlers['call']>[0];

/**
 * Runs the calls of other capabilities that a plugin in a child makes. A call counts as open until the child has read its
 * answer, so a child can use only a limited amount of the host's memory.
 */
export class IncomingCalls {
  readonly #limits: ReturnType<typeof callLimits>;
  /** Aborts when the child has ended. */
  readonly #childEnded = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #startedThisTurn = 0;
  #resumeReading: (() => void) | undefined;
  #open = 0;
  #openBytes = 0;

  constructor(
    private readonly pluginId: string,
    private readonly invoker: RemoteInvoker,
    private readonly child: Pick<SupervisedChild, 'send' | 'unread' | 'holdReading' | 'ended' | 'maxPayloadBytes'>,
  ) {
    this.#limits = callLimits(child.maxPayloadBytes);
    void child.ended.then(() => this.#childEnded.abort());
  }

  /** Returns what is wrong with the message, if anything. */
  take(api: BackendApi, message: CallMessage, payload: Buffer): string | undefined {
    const bytes = payload.length;
    const { calls, bytes: maxBytes } = this.#limits;
    if (this.#open >= calls * CALL_TOLERANCE) return `more than ${calls} calls at once`;
    if (this.#openBytes + bytes > maxBytes * CALL_TOLERANCE) return `calls with more than ${maxBytes} bytes at once`;
    const input = utf8Of(payload);
    if (input === undefined) return 'the input of a call that is not UTF-8';
    this.#open++;
    this.#openBytes += bytes;
    const onRead = (): void => {
      this.#open--;
      this.#openBytes -= bytes;
    };
    this.#waiting.push(() => void this.#answer(api, message, input, onRead));
    if (this.#waiting.length > MAX_WAITING) this.#resumeReading ??= this.child.holdReading();
    this.#startWaiting();
    return undefined;
  }

  #startWaiting(): void {
    while (this.#startedThisTurn < MAX_PER_TURN) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (this.#startedThisTurn++ === 0) setImmediate(this.#onNextTurn);
      next();
    }
  }

  readonly #onNextTurn = (): void => {
    this.#startedThisTurn = 0;
    this.#startWaiting();
    if (this.#waiting.length > MAX_WAITING) return;
    this.#resumeReading?.();
    this.#resumeReading = undefined;
  };

  async #answer(api: BackendApi, message: CallMessage, input: string, onRead: () => void): Promise<void> {
    const { plugin, call } = message;
    const callee: Callee = { pluginId: this.pluginId, capability: labelOf(message) };
    const other = (thrown: unknown): InvocationError => failed(callee, 'FAILED', messageOf(thrown));
    try {
      const text = await this.#call(api, message, input);
      const { unread } = this.child;
      if (unread > this.#limits.bytes) throw busy(callee, `${unread} bytes of earlier answers are still unread`);
      this.child.send({ type: 'callReply', plugin, call }, text, onRead);
    } catch (error) {
      this.child.send({ type: 'callReply', plugin, call, error: recordOf(error, other) }, undefined, onRead);
    }
  }

  async #call(api: BackendApi, { kind, name, method, parent: id, inside }: CallMessage, input: string): Promise<string> {
    const parent = this.invoker.find(id);
    if (parent !== undefined) parent.inside = inside;
    return api.callCapability(kind, name, method, input, { parent, signal: parent?.nestedSignal ?? this.#childEnded.signal });
  }
}
