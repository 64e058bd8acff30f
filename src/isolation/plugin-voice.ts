import { labelOf } from '../capability/backend.js';
import { InvocationError } from '../errors/index.js';
import type { LogLevel, Logger } from '../log/logger.js';
import type { PluginRecord } from '../plugin/native/record.js';
import type { BackendApi } from '../plugin/plugin.js';
import { LineGate } from './budget.js';
import type { PluginSink } from './child-inbox.js';
import { recordOf } from './error-record.js';
import type { PluginChild } from './plugin-child.js';
import { MOST_OPEN_CALLS } from './protocol.js';
import type { RemoteInvoker } from './remote-invoker.js';
import { utf8Of } from './utf8.js';

type CallMessage = Parameters<PluginSink['onCall']>[0];

/** What a plugin in a child says of itself: lines for the log, events for its record, calls of other capabilities. */
export class PluginVoice {
  /** From its registration on; there are no calls before. */
  api: BackendApi | undefined;
  readonly #gate = new LineGate();
  #openCalls = 0;

  constructor(
    private readonly pluginId: string,
    private readonly invoker: RemoteInvoker,
    private readonly record: PluginRecord,
    public logger: Logger,
  ) {}

  /** What listens to it in `child`. */
  in(child: PluginChild): PluginSink {
    return {
      onLog: (level, line) => this.#log(level, line),
      onEvent: ({ step, message }) => this.#gate.through(message.length, () => undefined, () => this.record.add(step, message)),
      onCall: (message, payload) => this.#take(child, message, payload),
    };
  }

  #log(level: LogLevel, line: string): void {
    const { logger, pluginId } = this;
    this.#gate.through(line.length, (dropped) => logger.warn(dropped, { pluginId }), () => logger[level](line, { pluginId }));
  }

  #take(child: PluginChild, message: CallMessage, payload: Buffer): string | undefined {
    const { api } = this;
    const input = utf8Of(payload);
    if (input === undefined) return 'the input of a call that is no UTF-8';
    if (api === undefined) return 'a call before it was registered';
    if (this.#openCalls >= MOST_OPEN_CALLS) return `more than ${MOST_OPEN_CALLS} calls at once`;
    this.#openCalls++;
    void this.#call(api, child, message, input).finally(() => this.#openCalls--);
    return undefined;
  }

  /** Done in the host, where the registry and its rules are. */
  async #call(api: BackendApi, child: PluginChild, { plugin, call, kind, name, method, parent: id, inside }: CallMessage, input: string) {
    const parent = this.invoker.find(id);
    if (parent !== undefined) parent.inside = inside;
    const capability = labelOf({ kind, name });
    const other = (reason: string): InvocationError =>
      new InvocationError('ERR_INVOCATION_FAILED', { capability, status: 'FAILED', reason }, { pluginId: this.pluginId });
    try {
      const text = await api.callCapability(kind, name, method, input, { parent, signal: parent?.givenUp });
      child.send({ type: 'callReply', plugin, call }, text);
    } catch (error) {
      child.send({ type: 'callReply', plugin, call, error: recordOf(error, other) });
    }
  }
}
