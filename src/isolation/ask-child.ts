import { LifecycleError, PluginError, type ErrorContext, type Step } from '../errors/index.js';
import type { ChildEnd, PluginChild, RequestAnswer } from './plugin-child.js';
import type { HostRequest, Without } from './protocol.js';

export interface AskOptions {
  /** At the deadline the child is killed. `undefined` for none. */
  readonly timeoutMs: number | undefined;
  readonly payload: string | undefined;
  readonly where: ErrorContext & { readonly step: Step };
}

/**
 * Has a child do one thing of a plugin's life.
 * @throws the PluginError that it failed with in the child; LifecycleError ERR_LIFECYCLE_TIMEOUT, ERR_LIFECYCLE_CRASHED
 */
export async function askChild(
  child: PluginChild | undefined,
  message: Without<HostRequest, 'request'>,
  { timeoutMs, payload, where }: AskOptions,
): Promise<RequestAnswer> {
  const operation = message.type;
  if (child === undefined) {
    const gone = { signal: null, exitCode: null, reason: 'has ended' };
    throw new LifecycleError('ERR_LIFECYCLE_CRASHED', { operation, ...gone }, where);
  }
  let isLate = false;
  const onDeadline = (): void => {
    isLate = true;
    child.kill(`did not return from ${operation} within ${timeoutMs} ms`);
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(onDeadline, timeoutMs);
  try {
    return await child.request(message, payload);
  } catch (reason) {
    if (isLate) throw new LifecycleError('ERR_LIFECYCLE_TIMEOUT', { operation, timeoutMs: timeoutMs ?? 0 }, where);
    if (reason instanceof PluginError) throw reason;
    const { signal, exitCode, reason: words } = reason as ChildEnd;
    throw new LifecycleError('ERR_LIFECYCLE_CRASHED', { operation, signal, exitCode, reason: words }, where);
  } finally {
    clearTimeout(timer);
  }
}
