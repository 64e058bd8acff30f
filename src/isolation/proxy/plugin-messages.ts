import { MAX_LOG_LINE } from '../../abi/constants.js';
import type { LogLevel, Logger } from '../../log/logger.js';
import { plainLine } from '../../log/plain-line.js';
import type { PluginRecord } from '../../report/plugin-record.js';
import type { BackendApi } from '../../plugin/plugin.js';
import { LogRateLimiter } from '../../log/log-rate-limiter.js';
import type { ChildSession, PluginEndpoint } from './child-session.js';
import { IncomingCalls } from './incoming-calls.js';
import type { RemoteInvoker } from './remote-invoker.js';
import { textOf } from '../wire/utf8.js';

/** No line that a child logs is longer: of each byte that is no UTF-8 it makes three. */
const MAX_LOGGED_BYTES = 3 * MAX_LOG_LINE;

/** What a plugin in a child says of itself: lines for the log, events for its record, calls of other capabilities. */
export class PluginMessages {
  /** From its registration on; there are no calls before. */
  api: BackendApi | undefined;
  readonly #limiter = new LogRateLimiter();

  constructor(
    private readonly pluginId: string,
    private readonly invoker: RemoteInvoker,
    private readonly record: PluginRecord,
    public logger: Logger,
  ) {}

  /** What listens to it in the child of `session`. */
  in(session: ChildSession): PluginEndpoint {
    const calls = new IncomingCalls(this.pluginId, this.invoker, session.child);
    return {
      ...this.invoker.sinkIn(session),
      handlers: {
        log: ({ level }, payload) => void this.#log(level, payload),
        event: ({ step, message }) => void this.#limiter.log(message.length, () => undefined, () => this.record.add(step, message)),
        call: (message, payload) => (this.api === undefined ? 'a call before it was registered' : calls.take(this.api, message, payload)),
      },
    };
  }

  /** A line that is dropped is not even decoded. */
  #log(level: LogLevel, payload: Buffer): void {
    const { logger, pluginId } = this;
    const say = (dropped: string): void => logger.warn(dropped, { pluginId });
    this.#limiter.log(payload.length, say, () => logger[level](plainLine(textOf(payload.subarray(0, MAX_LOGGED_BYTES))), { pluginId }));
  }
}
