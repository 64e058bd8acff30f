import { tracingChannel } from 'node:diagnostics_channel';
import type { InvocationContext } from '../invocation/context.js';
import type { HookName } from '../manifest/index.js';
import type { HookResult } from './hook-dispatch.js';

/** The message that subscribers of `aisopod-plugin:dispatch` get. Node adds `result` or `error` before `asyncEnd`. */
export interface DispatchMessage {
  readonly hook: HookName;
  readonly data: unknown;
  /** Present if the dispatch has one. */
  readonly context?: InvocationContext;
  readonly result?: HookResult;
}

const channel = tracingChannel<unknown, DispatchMessage>('aisopod-plugin:dispatch');

/** Reports a dispatch to `node:diagnostics_channel`. Its result names who vetoed, changed the data or failed. */
export const tracedDispatch = (hook: HookName, data: unknown, context: InvocationContext | undefined, run: () => Promise<HookResult>): Promise<HookResult> =>
  channel.hasSubscribers ? channel.tracePromise(run, { hook, data, ...(context && { context }) }) : run();
