import type { InvokeOptions } from '../invocation/backend.js';
import { callOptionsReader } from '../capability/call-options.js';
import type { HookHandler, HookReply } from '../capability/kinds/hook.js';
import { InvocationError, messageOf } from '../errors/index.js';
import { monotonicNow } from '../machine/node-timers.js';

const DEFAULT_HOOK_TIMEOUT_MS = 5_000;

export interface DispatchOptions extends Pick<InvokeOptions, 'signal' | 'parent' | 'context'> {
  /** Milliseconds for each handler. Default 5 000. */
  readonly timeoutMs?: number | undefined;
}

/** The result of one handler. */
export interface HookOutcome {
  readonly pluginId: string;
  readonly action: HookReply['action'] | 'failed';
  /** Present if the handler failed: an InvocationError. */
  readonly error?: Error;
  readonly durationMs: number;
}

export interface HookResult {
  /** The data after every change. */
  readonly data: unknown;
  /** Which plugin vetoed, and why. The handlers after it did not run. */
  readonly vetoed?: { readonly pluginId: string; readonly reason: string };
  /** In the order in which they ran. */
  readonly outcomes: readonly HookOutcome[];
}

const readOptions = callOptionsReader({ step: 'active' });

/**
 * Runs the handlers one at a time. Each gets the data that the previous one returned. If one fails, that is recorded, and the
 * others still run. After a veto no other handler runs.
 * @throws InvocationError ERR_INVOCATION_CANCELLED when the signal fires; ERR_INVALID_PARAMETERS if `given` is not a JSON value
 */
export async function dispatchHook(
  handlers: readonly HookHandler[],
  given: unknown,
  givenOptions: DispatchOptions = {},
): Promise<HookResult> {
  const { timeoutMs = DEFAULT_HOOK_TIMEOUT_MS, ...options } = readOptions(givenOptions);
  const outcomes: HookOutcome[] = [];
  let data = given;
  for (const handler of handlers) {
    const { pluginId } = handler;
    const start = monotonicNow();
    const record = (outcome: Pick<HookOutcome, 'action' | 'error'>): void => {
      outcomes.push({ pluginId, ...outcome, durationMs: monotonicNow() - start });
    };
    try {
      const reply = await handler.handle(data, { ...options, timeoutMs });
      record({ action: reply.action });
      if (reply.action === 'veto') return { data, vetoed: { pluginId, reason: reply.reason }, outcomes };
      if (reply.action === 'replace') data = reply.value;
    } catch (error) {
      if (isCallerError(error, options.signal)) throw error;
      record({ action: 'failed', error: error instanceof Error ? error : new Error(messageOf(error)) });
    }
  }
  return { data, outcomes };
}

/** Whether the caller of the hook caused the error, not the handler. */
const isCallerError = (error: unknown, signal: AbortSignal | undefined): boolean =>
  error instanceof InvocationError &&
  (error.code === 'ERR_INVALID_PARAMETERS' || (error.code === 'ERR_INVOCATION_CANCELLED' && signal?.aborted === true));
