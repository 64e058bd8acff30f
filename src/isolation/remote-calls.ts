import { labelOf } from '../capability/backend.js';
import { InvocationError } from '../errors/index.js';
import type { BackendApi } from '../plugin/plugin.js';
import { recordOf } from './error-record.js';
import type { PluginChild, PluginSink } from './plugin-child.js';
import { MOST_OPEN_CALLS } from './protocol.js';
import type { RemoteInvoker } from './remote-invoker.js';
import { utf8Of } from './utf8.js';

type CallMessage = Parameters<PluginSink['onCall']>[0];

/** Calls of other capabilities that a plugin in a child makes: done in the host, where the registry and its rules are. */
export class RemoteCalls {
  #open = 0;

  constructor(
    private readonly pluginId: string,
    private readonly invoker: RemoteInvoker,
  ) {}

  /** Returns what was wrong with the message, if something was. */
  take(api: BackendApi | undefined, child: PluginChild, message: CallMessage, payload: Buffer): string | undefined {
    const input = utf8Of(payload);
    if (input === undefined) return 'the input of a call that is no UTF-8';
    if (this.#open >= MOST_OPEN_CALLS) return `more than ${MOST_OPEN_CALLS} calls at once`;
    if (api === undefined) return 'a call before it was registered';
    this.#open++;
    void this.#call(api, child, message, input).finally(() => this.#open--);
    return undefined;
  }

  async #call(api: BackendApi, child: PluginChild, { plugin, call, kind, name, method, parent: id, inside }: CallMessage, input: string) {
    const parent = this.invoker.find(id);
    if (parent !== undefined) parent.inside = inside;
    const capability = labelOf({ kind, name });
    const other = (reason: string): InvocationError =>
      new InvocationError('ERR_INVOCATION_FAILED', { capability, status: 'FAILED', reason }, { pluginId: this.pluginId });
    try {
      const text = await api.callCapability(kind, name, method, input, { parent });
      child.send({ type: 'callReply', plugin, call }, text);
    } catch (error) {
      child.send({ type: 'callReply', plugin, call, error: recordOf(error, other) });
    }
  }
}
