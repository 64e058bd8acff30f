import { LoadError, inPlugin, type PluginError } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import type { Finding, Trace } from '../report/trace.js';
import type { Strictness } from './trust-options.js';

/** Where the outcome of checks goes. */
export interface CheckContext {
  readonly pluginId: string;
  readonly trace: Trace;
  readonly logger: Logger;
}

/**
 * Runs a check as strictly as the host wants it. In `warn`, a failure is logged and noted, and stops nothing.
 * @throws what `run` throws, in `require`
 */
export async function enforce(
  strictness: Strictness,
  check: string,
  { pluginId, trace, logger }: CheckContext,
  run: () => Promise<void>,
  finding: Finding = {},
): Promise<void> {
  if (strictness === 'off') return trace.note('trust', check, 'not checked: the host has it off');
  const inThis = (): Promise<void> => run().catch((error: unknown) => Promise.reject(inPlugin(error, pluginId) as Error));
  if (strictness === 'require') return trace.check('trust', check, inThis, () => finding);
  try {
    await inThis();
    trace.note('trust', check, finding.found ?? 'passed');
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    const { message, code, hint, path } = error as PluginError;
    trace.note('trust', check, `${code}: ${message}`);
    logger.warn(message, { pluginId, path, code, hint });
  }
}
