import type { PluginError } from '../../errors/index.js';
import type { Logger } from '../../log/logger.js';
import { plainLine } from '../../log/plain-line.js';
import type { ManagedPlugin } from '../managed-plugin.js';

/** New files that the plugin does not run. */
interface Unused {
  readonly outcome: 'kept' | 'rolled back';
  readonly error: PluginError | undefined;
  readonly version: string | undefined;
}

const WORDS = { kept: 'not updated', 'rolled back': 'rolled back to the version before' } as const;

/** Records on the generation that runs why it is not the new one. */
export function recordUnused(current: ManagedPlugin, { outcome, error, version }: Unused, logger: Logger): void {
  const failure = error && { step: error.step, code: error.code, message: error.message, hint: error.hint };
  current.lastUpdate = { at: Date.now(), outcome, ...(version !== undefined && { version }), ...failure };
  const { id: pluginId, path } = current;
  logger.warn(plainLine(`${WORDS[outcome]}: ${error?.message ?? 'it failed'}`), { pluginId, path, step: error?.step, code: error?.code, hint: error?.hint });
}
