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
      invoke: async (method, input, options) => this.#invoke(speaker, handlers[method as Method], method, input, options),
    };
  }

  #invoke(speaker: Speaker, handler: Handler | undefined, method: string, input: string, options: InvokeOptions): Promise<string> {
    const { pluginId, capability } = speaker;
    if (this.#closedState !== undefined) {
      throw new InvocationError('ERR_PLUGIN_CLOSED', { capability, state: this.#closedState }, { pluginId });
    }
    if (options.signal?.aborted === true) throw cancelled(speaker, options.signal);
    if (handler === undefined) {
      const fields = { capability, status: 'UNSUPPORTED', reason: `it has no method "${method}"` };
      throw new InvocationError('ERR_INVOCATION_FAILED', fields, { pluginId });
    }
    const invocation = new JsInvocation(speaker, options);
    this.#open.add(invocation);
    void invocation.run(handler, input).finally(() => this.#open.delete(invocation));
    return invocation.promise;
  }

  open(): void {
    this.#closedState = undefined;
  }

  /** Refuses what comes and ends what is open. */
  close(state: string): void {
    this.#closedState = state;
    for (const invocation of this.#open) {
      const { capability, pluginId } = invocation.speaker;
      invocation.giveUp(new InvocationError('ERR_PLUGIN_CLOSED', { capability, state }, { pluginId }));
    }
  }
}
