import { labelOf, type CapabilityDescriptor } from '../capability/descriptor.js';
import type { InvocationError } from '../errors/index.js';
import type { Backend } from '../invocation/backend.js';
import { closed } from '../invocation/errors.js';

/** The backend of one capability as the host uses it; it can be closed. */
export interface HostGate extends Backend {
  /** Refuses all further invocations and drops the backend, so that a handle does not keep the plugin in memory. */
  close(): void;
}

/** `isShut`: whether invocations by the host are refused although plugins may still call. */
export function hostGate(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend, isShut: () => boolean): HostGate {
  let open: Backend | undefined = backend;
  const enter = (): Backend => {
    if (open !== undefined && !isShut()) return open;
    const state = open === undefined ? 'retired' : 'shutting down';
    throw closed({ pluginId, capability: labelOf(descriptor) }, state);
  };
  return {
    invoke(method, input, options) {
      try {
        return enter().invoke(method, input, options);
      } catch (error) {
        const refusal = error as InvocationError;
        return Promise.reject(refusal);
      }
    },
    ...(backend.invokeSync && { invokeSync: (method: string, input: string) => enter().invokeSync!(method, input) }),
    close: () => (open = undefined),
  };
}
