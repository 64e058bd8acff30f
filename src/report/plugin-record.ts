import type { Step } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { plainLine } from '../log/plain-line.js';
import type { PluginEvent } from './plugin-report.js';

const MAX_EVENTS = 100;

/** The events of a plugin that `explain` and `report` show. Also logs each one. Keeps the newest. */
export class PluginRecord {
  readonly #events: PluginEvent[] = [];
  #dropped = 0;

  constructor(
    private readonly pluginId: string,
    private readonly logger: Logger,
  ) {}

  /** `text` may contain text of the plugin. */
  add(step: Step, text: string): void {
    const message = plainLine(text);
    this.#events.push({ at: Date.now(), step, message });
    if (this.#events.length > MAX_EVENTS) {
      this.#events.shift();
      this.#dropped++;
    }
    this.logger.warn(message, { pluginId: this.pluginId, step });
  }

  get events(): readonly PluginEvent[] {
    return this.#events;
  }

  /** How many old events were dropped. */
  get dropped(): number {
    return this.#dropped;
  }
}
