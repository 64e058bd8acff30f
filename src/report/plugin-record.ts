import type { Step } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { plainLine } from '../log/plain-line.js';
import type { PluginEvent } from './plugin-report.js';

const MOST_EVENTS = 100;

/** A plugin's record: what `explain` and `report` show, and the log gets as it happens. The newest are kept. */
export class PluginRecord {
  readonly #events: PluginEvent[] = [];
  #dropped = 0;

  constructor(
    private readonly pluginId: string,
    private readonly logger: Logger,
  ) {}

  /** `text` may be the plugin's own in part. */
  add(step: Step, text: string): void {
    const message = plainLine(text);
    this.#events.push({ at: Date.now(), step, message });
    if (this.#events.length > MOST_EVENTS) {
      this.#events.shift();
      this.#dropped++;
    }
    this.logger.warn(message, { pluginId: this.pluginId, step });
  }

  get events(): readonly PluginEvent[] {
    return this.#events;
  }

  /** How many older events made room for newer ones. */
  get dropped(): number {
    return this.#dropped;
  }
}
