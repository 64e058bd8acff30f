import { labelOf } from '../../capability/backend.js';
import { InvocationError } from '../../errors/index.js';
import type { BackendApi } from '../../plugin/plugin.js';
import { errorFrom, type ErrorRecord } from '../error-record.js';
import { HostParent } from './hosted-invocation.js';
import type { Send } from './send.js';

interface OpenCall {
  readonly capability: string;
  readonly resolve: (text: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls of other capabilities that the plugin makes: the host does them. */
export class OutgoingCalls {
  readonly #open = new Map<number, OpenCall>();
  #last = 0;

  constructor(
    private readonly plugin: number,
    private readonly send: Send,
  ) {}

  readonly call: BackendApi['callCapability'] = (kind, name, method, input, { parent }) =>
    new Promise((resolve, reject) => {
      const call = ++this.#last;
      const origin = parent?.parent instanceof HostParent ? parent.parent.hostId : 0;
      this.#open.set(call, { capability: labelOf({ kind, name }), resolve, reject });
      const inside = parent?.inside ?? false;
      this.send({ type: 'call', plugin: this.plugin, call, kind, name, method, parent: origin, inside }, input);
    });

  takeReply(call: number, error: ErrorRecord | undefined, text: string): void {
    const open = this.#open.get(call);
    this.#open.delete(call);
    if (error === undefined) open?.resolve(text);
    else open?.reject(errorFrom(error) ?? new InvocationError('ERR_CAPABILITY_NOT_FOUND', { capability: open.capability }));
  }
}
