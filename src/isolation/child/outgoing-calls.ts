import { Buffer } from 'node:buffer';
import { labelOf } from '../../capability/descriptor.js';
import { busy, notFound } from '../../invocation/errors.js';
import { Invocation } from '../../invocation/invocation.js';
import type { BackendApi } from '../../plugin/plugin.js';
import { errorFrom, type ErrorRecord } from '../wire/error-record.js';
import { callLimits } from '../wire/messages.js';
import type { Send } from './send.js';

interface OpenCall {
  readonly capability: string;
  readonly bytes: number;
  readonly resolve: (text: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Sends the plugin's calls of other capabilities to the host. Refuses calls for which the host would kill this process. */
export class OutgoingCalls {
  readonly #open = new Map<number, OpenCall>();
  readonly #limits: ReturnType<typeof callLimits>;
  #openBytes = 0;
  #lastCall = 0;

  constructor(
    private readonly plugin: number,
    maxPayloadBytes: number,
    private readonly send: Send,
  ) {
    this.#limits = callLimits(maxPayloadBytes);
  }

  readonly call: BackendApi['callCapability'] = (kind, name, method, input, { parent }) =>
    new Promise((resolve, reject) => {
      const capability = labelOf({ kind, name });
      const bytes = Buffer.byteLength(input);
      this.#requireRoom(capability, bytes);
      const call = ++this.#lastCall;
      this.#open.set(call, { capability, bytes, resolve, reject });
      this.#openBytes += bytes;
      const inside = parent?.inside ?? false;
      this.send({ type: 'call', plugin: this.plugin, call, kind, name, method, parent: parent instanceof Invocation ? parent.id : 0, inside }, input);
    });

  /** @throws InvocationError ERR_PLUGIN_BUSY */
  #requireRoom(capability: string, bytes: number): void {
    const { calls, bytes: maxBytes } = this.#limits;
    const isTooMany = this.#open.size >= calls;
    if (!isTooMany && this.#openBytes + bytes <= maxBytes) return;
    const reason = isTooMany ? `${calls} calls of this plugin are open already` : `open calls of this plugin have ${maxBytes} bytes of input already`;
    throw busy({ capability }, reason);
  }

  takeReply(call: number, error: ErrorRecord | undefined, text: string): void {
    const open = this.#open.get(call);
    this.#open.delete(call);
    this.#openBytes -= open?.bytes ?? 0;
    if (error === undefined) open?.resolve(text);
    else open?.reject(errorFrom(error) ?? notFound(open.capability));
  }
}
