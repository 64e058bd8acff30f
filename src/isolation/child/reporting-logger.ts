import type { Step } from '../../errors/index.js';
import type { LogLevel, Logger } from '../../log/logger.js';
import { LogRateLimiter } from '../../log/log-rate-limiter.js';
import type { Send } from './send.js';

const MAX_EVENT_LENGTH = 8000;

type Fields = Readonly<Record<string, unknown>>;

/** Sends a plugin's log lines to the host. Those with a step become events of the plugin's record. */
export class ReportingLogger implements Logger {
  readonly #limiter = new LogRateLimiter();

  constructor(
    private readonly plugin: number,
    private readonly send: Send,
  ) {}

  debug(message: string, fields?: Fields): void {
    this.#write('debug', message, fields);
  }
  info(message: string, fields?: Fields): void {
    this.#write('info', message, fields);
  }
  warn(message: string, fields?: Fields): void {
    this.#write('warn', message, fields);
  }
  error(message: string, fields?: Fields): void {
    this.#write('error', message, fields);
  }

  /** Reports lines that were dropped. Called at the end. */
  flush(): void {
    this.#limiter.flush(this.#report);
  }

  readonly #report = (line: string): void => this.send({ type: 'log', plugin: this.plugin, level: 'warn' }, line);

  #write(level: LogLevel, message: string, fields: Fields | undefined): void {
    const step = fields?.step as Step | undefined;
    const { plugin } = this;
    this.#limiter.log(message.length, this.#report, () => {
      if (step === undefined) this.send({ type: 'log', plugin, level }, message);
      else this.send({ type: 'event', plugin, step, message: message.slice(0, MAX_EVENT_LENGTH) });
    });
  }
}
