import { InvocationError } from '../../errors/index.js';
import { labelOf, type Backend, type CapabilityDescriptor, type InvokeOptions, type Method } from '../backend.js';
import type { Speaker } from '../json.js';
import { JsInvocation, cancelled, type Handler } from './invocation.js';

/** What a capability in JavaScript can do, by the header's methods. */
export type Handlers = Readonly<Partial<Record<Method, Handler>>>;

/** Takes invocations into one plugin in JavaScript, from when it is active until it is shut down. */
export class JsInvoker {
  readonly #open = new Set<JsInvocation>();
  /** Why nothing may be invoked (any more), or `undefined`. */
  #closedState: string | undefined = 'not active yet';

  constructor(private readonly pluginId: string) {}

  /** The capability's way in. */
  backendOf(descriptor: CapabilityDescriptor, handlers: Handlers): Backend {
    const speaker: Speaker = { pluginId: this.pluginId, capability: labelOf(descriptor) };
    return {
      // async, so that every failure is a rejection
      invoke: async (method, input, options) => {
        this.#admit(speaker, options);
        // own ones only: the method may be a stranger's word, such as `constructor`
        const handler = Object.hasOwn(handlers, method) ? handlers[method as Method] : undefined;
        if (handler === undefined) throw unsupported(speaker, method);
        return this.#start(speaker, handler, input, options);
      },
    };
  }

  #admit(speaker: Speaker, { signal }: InvokeOptions): void {
    if (this.#closedState !== undefined) throw closed(speaker, this.#closedState);
    if (signal?.aborted === true) throw cancelled(speaker, signal);
  }

  #start(speaker: Speaker, handler: Handler, input: string, options: InvokeOptions): Promise<string> {
    const invocation = new JsInvocation(speaker, options);
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
    for (const invocation of this.#open) invocation.giveUp(closed(invocation.speaker, state));
  }
}

const closed = ({ capability, pluginId }: Speaker, state: string): InvocationError =>
  new InvocationError('ERR_PLUGIN_CLOSED', { capability, state }, { pluginId });

function unsupported({ capability, pluginId }: Speaker, method: string): InvocationError {
  const fields = { capability, status: 'UNSUPPORTED', reason: `it has no method "${method}"` };
  return new InvocationError('ERR_INVOCATION_FAILED', fields, { pluginId });
}
