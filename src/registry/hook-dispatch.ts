import type { InvokeOptions } from '../invocation/backend.js';
import { callOptionsReader } from '../capability/call-options.js';
import { matchesPattern, mayVeto } from '../capability/hook-spec.js';
import type { HookHandler, HookReply } from '../capability/kinds/hook.js';
import { InvocationError, messageOf } from '../errors/index.js';
import { monotonicNow } from '../machine/node-timers.js';
import type { HookName } from '../manifest/index.js';

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

/** Who vetoed, and why. */
export interface HookVeto {
  readonly pluginId: string;
  readonly reason: string;
  /** Present if the handler failed and that counts as a veto: the plugin wants that, or only the host does. */
  readonly failClosed?: 'plugin' | 'host';
}

export interface HookResult {
  /** The data after every change. */
  readonly data: unknown;
  /** Which plugin vetoed, and why. The handlers after it did not run. */
  readonly vetoed?: HookVeto;
  /** In the order in which they ran. */
  readonly outcomes: readonly HookOutcome[];
}

/** Whether a failure of this handler counts as a veto, whatever the plugin wants. */
export type FailClosed = (pluginId: string, hook: HookName) => boolean;

/** The policy that an option states. Only `false` means no: a policy that throws must not open what it guards. */
export function failClosedOf(option: boolean | FailClosed = false): FailClosed {
  if (typeof option !== 'function') return () => option;
  return (pluginId, hook) => {
    try {
      return (option(pluginId, hook) as unknown) !== false;
    } catch {
      return true;
    }
  };
}

/** @throws LoadError ERR_OPTIONS */
export const readDispatchOptions = callOptionsReader({ step: 'active' });

/**
 * Runs the handlers one at a time. Each gets the data that the previous one returned. If one fails, that is recorded, and the
 * others still run, unless its failure counts as a veto. After a veto no other handler runs.
 * @throws InvocationError ERR_INVOCATION_CANCELLED when the signal fires; ERR_INVALID_PARAMETERS if `given` is not a JSON value
 */
export async function dispatchHook(
  handlers: readonly HookHandler[],
  given: unknown,
  givenOptions: DispatchOptions = {},
  failClosed: FailClosed = () => false,
): Promise<HookResult> {
  const { timeoutMs = DEFAULT_HOOK_TIMEOUT_MS, ...options } = readDispatchOptions(givenOptions);
  const outcomes: HookOutcome[] = [];
  let data = given;
  for (const handler of inOrder(handlers)) {
    if (!isMeant(handler, data)) continue;
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
    } catch (thrown) {
      if (isCallerError(thrown, options.signal)) throw thrown;
      const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      record({ action: 'failed', error });
      const vetoed = vetoOf(handler, error, failClosed);
      if (vetoed !== undefined) return { data, vetoed, outcomes };
    }
  }
  return { data, outcomes };
}

/** Higher priorities first; the sort keeps the plugin order of equal ones. */
const inOrder = (handlers: readonly HookHandler[]): readonly HookHandler[] => [...handlers].sort((a, b) => b.priority - a.priority);

/** Whether `match` of the handler fits the tool. Without the tool's name nobody knows, so the handler runs: it may be a guard. */
function isMeant({ match }: HookHandler, data: unknown): boolean {
  if (match === undefined) return true;
  const tool = typeof data === 'object' && data !== null && Object.hasOwn(data, 'tool') ? (data as { readonly tool: unknown }).tool : undefined;
  return typeof tool !== 'string' || match.some((pattern) => matchesPattern(pattern, tool));
}

/** The veto that the failure of a handler counts as, if it does. A handler of another hook than `Before…` cannot veto. */
function vetoOf({ pluginId, name, failClosed }: HookHandler, error: Error, policy: FailClosed): HookVeto | undefined {
  if (!mayVeto(name)) return undefined;
  const by = failClosed ? 'plugin' : policy(pluginId, name) ? 'host' : undefined;
  return by && { pluginId, reason: `the handler failed: ${error.message}`, failClosed: by };
}

/** Whether the caller of the hook caused the error, not the handler. */
const isCallerError = (error: unknown, signal: AbortSignal | undefined): boolean =>
  error instanceof InvocationError &&
  (error.code === 'ERR_INVALID_PARAMETERS' || (error.code === 'ERR_INVOCATION_CANCELLED' && signal?.aborted === true));
