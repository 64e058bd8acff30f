import { labelOf, type CapabilityDescriptor } from '../../capability/descriptor.js';
import type { Handlers } from '../../capability/js/handler.js';
import type { Backend } from '../../invocation/backend.js';
import { Invoker } from '../../invocation/invoker.js';
import { JsDriver } from './js-driver.js';

/** Invocations of one plugin in JavaScript, from when it is active until it is shut down. */
export class JsInvoker {
  readonly #invoker = new Invoker(new JsDriver());

  constructor(private readonly pluginId: string) {}

  /** The capability's way in. */
  backendOf(descriptor: CapabilityDescriptor, handlers: Handlers): Backend {
    return this.#invoker.backendOf({ pluginId: this.pluginId, capability: labelOf(descriptor) }, handlers);
  }

  open(): void {
    this.#invoker.open();
  }

  /** Refuses what comes and ends what is open. */
  close(state: string): void {
    this.#invoker.close(state);
  }
}
