import { tracingChannel } from 'node:diagnostics_channel';
import type { Backend } from '../invocation/backend.js';
import type { InvocationContext } from '../invocation/context.js';
import type { CapabilityDescriptor } from './descriptor.js';
import type { CapabilityKind } from '../abi/constants.js';

/**
 * The message that subscribers of `aisopod-plugin:invoke` get. Node adds `result` (the reply, JSON text) or `error` before
 * `asyncEnd`, or before `end` for a synchronous call.
 */
export interface InvokeMessage {
  readonly pluginId: string;
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly method: string;
  /** JSON text. */
  readonly input: string;
  /** Present if the call has one. */
  readonly context?: InvocationContext;
}

const channel = tracingChannel<unknown, InvokeMessage>('aisopod-plugin:invoke');

/** Reports the calls of a backend to `node:diagnostics_channel`. Without subscribers, this costs one check. */
export function traced(pluginId: string, { kind, name }: CapabilityDescriptor, backend: Backend): Backend {
  const { invokeSync } = backend;
  const message = (method: string, input: string, context?: InvocationContext): InvokeMessage => ({ pluginId, kind, name, method, input, ...(context && { context }) });
  return {
    invoke: (method, input, options) =>
      channel.hasSubscribers
        ? channel.tracePromise(() => backend.invoke(method, input, options), message(method, input, options.context))
        : backend.invoke(method, input, options),
    invokeSync:
      invokeSync &&
      ((method, input) =>
        channel.hasSubscribers
          ? channel.traceSync(() => invokeSync(method, input), message(method, input))
          : invokeSync(method, input)),
  };
}
