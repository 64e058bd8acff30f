import { LoadError, inPlugin, type PluginError } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import type { Finding, Trace } from '../report/trace.js';
import type { Strictness } from './trust-options.js';

/** The plugin that is checked, and where the results are recorded. */
export interface CheckContext {
  readonly pluginId: string;
  readonly trace: Trace;
  readonly logger: Logger;
}

/**
 * Runs a check with the host's strictness. With `warn`, a failure is only logged and recorded.
 * @throws what `run` throws, with `require`
 */
export async function enforce(
  strictness: Strictness,
  check: string,
  { pluginId, trace, logger }: CheckContext,
  run: () => Promise<void>,
  finding: Finding = {},
): Promise<void> {
  if (strictness === 'off') return trace.note('trust', check, 'not checked: not enabled');
  const runForPlugin = (): Promise<void> => run().catch((error: unknown) => Promise.reject(inPlugin(error, pluginId) as Error));
  if (strictness === 'require') return trace.check('trust', check, runForPlugin, () => finding);
  try {
    await runForPlugin();
    trace.note('trust', check, finding.found ?? 'passed');
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    const { message, code, hint, path } = error as PluginError;
    trace.note('trust', check, `${code}: ${message}`);
    logger.warn(message, { pluginId, path, code, hint });
  }
}
