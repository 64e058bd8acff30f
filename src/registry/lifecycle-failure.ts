import { LifecycleError, PluginError, messageOf } from '../errors/index.js';

/** What a plugin threw, as a typed error: a plugin in JavaScript may throw anything. */
export function lifecycleFailure(
  code: 'ERR_REGISTER_FAILED' | 'ERR_INIT_FAILED' | 'ERR_SHUTDOWN_FAILED',
  thrown: unknown,
  pluginId: string,
): PluginError {
  if (thrown instanceof PluginError) return thrown;
  return new LifecycleError(code, { status: 'FAILED', reason: messageOf(thrown) }, { pluginId, cause: thrown });
}
