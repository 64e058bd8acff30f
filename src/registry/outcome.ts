import type { PluginError } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import { plainLine } from '../log/plain-line.js';
import type { Plugin } from '../plugin/plugin.js';

/** The result of `initAll` and `shutdownAll`, in the order in which the plugins were processed. */
export interface Outcome {
  readonly done: readonly Plugin[];
  readonly failed: readonly { readonly plugin: Plugin; readonly error: PluginError }[];
}

/** What a step of one plugin came to. */
export interface StepOutcome {
  readonly plugin: Plugin;
  /** There was something to do, and it did not fail. */
  readonly isDone: boolean;
  readonly error: PluginError | undefined;
}

/** `run` resolves with true if there was something to do. A failure is logged. Never rejects. */
export async function stepOutcome(plugin: Plugin, run: Promise<boolean>, logger: Logger): Promise<StepOutcome> {
  try {
    return { plugin, isDone: await run, error: undefined };
  } catch (thrown) {
    const error = thrown as PluginError; // an entry throws only PluginErrors
    logger.error(plainLine(error.message), { pluginId: plugin.id });
    return { plugin, isDone: false, error };
  }
}

export function outcomeOf(steps: readonly StepOutcome[]): Outcome {
  return {
    done: steps.filter(({ isDone }) => isDone).map(({ plugin }) => plugin),
    failed: steps.flatMap(({ plugin, error }) => (error === undefined ? [] : [{ plugin, error }])),
  };
}
