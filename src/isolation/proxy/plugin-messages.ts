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

/** The child logs no longer lines. It replaces each byte that is not UTF-8 by three. */
const MAX_LOGGED_BYTES = 3 * MAX_LOG_LINE;

/** Handles the messages of a plugin in a child: log lines, events for its record, calls of other capabilities. */
export class PluginMessages {
  /** Set at registration; before that the plugin cannot call. */
  api: BackendApi | undefined;
  readonly #limiter = new LogRateLimiter();

  constructor(
    private readonly pluginId: string,
    private readonly invoker: RemoteInvoker,
    private readonly record: PluginRecord,
    public logger: Logger,
  ) {}

  /** Receives the messages of the plugin in the child of `session`. */
  endpointIn(session: ChildSession): PluginEndpoint {
    const calls = new IncomingCalls(this.pluginId, this.invoker, session.child);
    return {
      ...this.invoker.endpointIn(session),
      onLostWakeUp: (problem) => this.record.add('active', `a wake-up between the host and its process was lost, and the host has made up for it: ${problem}`),
      handlers: {
        log: ({ level }, payload) => void this.#log(level, payload),
        event: ({ step, message }) => void this.#limiter.log(message.length, () => undefined, () => this.record.add(step, message)),
        call: (message, payload) => (this.api === undefined ? 'a call before it was registered' : calls.take(this.api, message, payload)),
      },
    };
  }

  /** A dropped line is not even decoded. */
  #log(level: LogLevel, payload: Buffer): void {
    const { logger, pluginId } = this;
    const report = (dropped: string): void => logger.warn(dropped, { pluginId });
    this.#limiter.log(payload.length, report, () => logger[level](plainLine(textOf(payload.subarray(0, MAX_LOGGED_BYTES))), { pluginId }));
  }
}
