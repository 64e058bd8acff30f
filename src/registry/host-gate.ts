import { labelOf, type CapabilityDescriptor } from '../capability/descriptor.js';
import type { InvocationError } from '../errors/index.js';
import type { Backend } from '../invocation/backend.js';
import { closed } from '../invocation/errors.js';
import type { Route } from './route.js';

/** The backend of one capability as the host uses it; it can be closed. */
export interface HostGate extends Backend {
  /** Refuses all further invocations and drops the backend, so that a handle does not keep the plugin in memory. */
  close(): void;
}

/**
 * A call that arrives here goes to the generation that is current by then: the caller may have got the capability before a
 * switch. `isShut`: whether invocations by the host are refused although plugins may still call.
 */
export function hostGate(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend, route: Route, isShut: () => boolean): HostGate {
  let open: Backend | undefined = backend;
  const enter = (): Backend => {
    const isCurrent = open !== undefined && route.gate === gate;
    if (open !== undefined && isCurrent && !isShut()) return open;
    throw closed({ pluginId, capability: labelOf(descriptor) }, isCurrent ? 'shutting down' : 'retired');
  };
  const gate: HostGate = {
    invoke(method, input, options) {
      const current = route.gate;
      if (current !== undefined && current !== gate) return current.invoke(method, input, options);
      try {
        return enter().invoke(method, input, options);
      } catch (error) {
        const refusal = error as InvocationError;
        return Promise.reject(refusal);
      }
    },
    ...(backend.invokeSync && { invokeSync: (method: string, input: string) => enter().invokeSync!(method, input) }),
    route,
    close: () => (open = undefined),
  };
  return gate;
}
