import { InvocationError } from '../../errors/index.js';
import { labelOf, type CapabilityDescriptor } from '../../capability/descriptor.js';
import type { Backend, InvokeOptions } from '../../invocation/backend.js';
import type { Handler, Handlers } from '../../capability/js/handler.js';
import type { Callee } from '../../invocation/callee.js';
import { JsInvocation, cancelled } from './invocation.js';

/** Takes invocations into one plugin in JavaScript, from when it is active until it is shut down. */
export class JsInvoker {
  readonly #open = new Set<JsInvocation>();
  /** Why nothing may be invoked (any more), or `undefined`. */
  #closedState: string | undefined = 'not active yet';

  constructor(private readonly pluginId: string) {}

  /** The capability's way in. */
  backendOf(descriptor: CapabilityDescriptor, handlers: Handlers): Backend {
    const callee: Callee = { pluginId: this.pluginId, capability: labelOf(descriptor) };
    return {
      // async, so that every failure is a rejection
      invoke: async (method, input, options) => {
        this.#admit(callee, options);
        // own ones only: the method may be a stranger's word, such as `constructor`
        const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
        if (handler === undefined) throw unsupported(callee, method);
        return this.#start(callee, handler, input, options);
      },
    };
  }

  #admit(callee: Callee, { signal }: InvokeOptions): void {
    if (this.#closedState !== undefined) throw closed(callee, this.#closedState);
    if (signal?.aborted === true) throw cancelled(callee, signal);
  }

  #start(callee: Callee, handler: Handler, input: string, options: InvokeOptions): Promise<string> {
    const invocation = new JsInvocation(callee, options);
    const forget = (): void => void this.#open.delete(invocation);
    this.#open.add(invocation);
    invocation.promise.then(forget, forget);
    void invocation.run(handler, input);
    return invocation.promise;
  }

  open(): void {
    this.#closedState = undefined;
  }

  /** Refuses what comes and ends what is open. */
  close(state: string): void {
    this.#closedState = state;
    for (const invocation of this.#open) invocation.giveUp(closed(invocation.callee, state));
  }
}

const closed = ({ capability, pluginId }: Callee, state: string): InvocationError =>
  new InvocationError('ERR_PLUGIN_CLOSED', { capability, state }, { pluginId });

function unsupported({ capability, pluginId }: Callee, method: string): InvocationError {
  const fields = { capability, status: 'UNSUPPORTED', reason: `it has no method "${method}"` };
  return new InvocationError('ERR_INVOCATION_FAILED', fields, { pluginId });
}
