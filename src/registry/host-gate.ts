import { labelOf, type CapabilityDescriptor } from '../capability/descriptor.js';
import type { InvocationError } from '../errors/index.js';
import type { Backend } from '../invocation/backend.js';
import { closed } from '../invocation/errors.js';

/** The host's way into one capability. */
export interface HostGate extends Backend {
  /** From here every invocation is refused, and the backend is let go: a handle that the host keeps does not keep the plugin. */
  close(): void;
}

/** `isShut` says whether the host's invocations are refused while those of plugins still go. */
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
