import type { LogLevel, Logger } from '../log/logger.js';
import type { PluginRecord } from '../plugin/native/record.js';
import type { BackendApi } from '../plugin/plugin.js';
import { LineGate } from './budget.js';
import type { PluginSink } from './child-inbox.js';
import { IncomingCalls } from './incoming-calls.js';
import type { PluginChild } from './plugin-child.js';
import type { RemoteInvoker } from './remote-invoker.js';

/** What a plugin in a child says of itself: lines for the log, events for its record, calls of other capabilities. */
export class PluginVoice {
  /** From its registration on; there are no calls before. */
  api: BackendApi | undefined;
  readonly #gate = new LineGate();

  constructor(
    private readonly pluginId: string,
    private readonly invoker: RemoteInvoker,
    private readonly record: PluginRecord,
    public logger: Logger,
  ) {}

  /** What listens to it in `child`. */
  in(child: PluginChild): PluginSink {
    const calls = new IncomingCalls(this.pluginId, this.invoker, child);
    return {
      onLog: (level, line) => this.#log(level, line),
      onEvent: ({ step, message }) => this.#gate.through(message.length, () => undefined, () => this.record.add(step, message)),
      onCall: (message, payload) => (this.api === undefined ? 'a call before it was registered' : calls.take(this.api, message, payload)),
    };
  }

  #log(level: LogLevel, line: string): void {
    const { logger, pluginId } = this;
    this.#gate.through(line.length, (dropped) => logger.warn(dropped, { pluginId }), () => logger[level](line, { pluginId }));
  }
}
