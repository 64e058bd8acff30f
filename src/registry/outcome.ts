import type { PluginError } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { plainLine } from '../log/plain-line.js';
import type { Plugin } from '../plugin/plugin.js';

/** The result of `initAll` and `shutdownAll`, in the order in which the plugins were processed. */
export interface Outcome {
  readonly done: readonly Plugin[];
  readonly failed: readonly { readonly plugin: Plugin; readonly error: PluginError }[];
}

export class OutcomeSoFar implements Outcome {
  readonly done: Plugin[] = [];
  readonly failed: { plugin: Plugin; error: PluginError }[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `run` resolves with true if there was something to do. */
  async add(plugin: Plugin, run: Promise<boolean>): Promise<void> {
    try {
      if (await run) this.done.push(plugin);
    } catch (thrown) {
      const error = thrown as PluginError; // an entry throws only PluginErrors
      this.failed.push({ plugin, error });
      this.#logger.error(plainLine(error.message), { pluginId: plugin.id });
    }
  }
}
