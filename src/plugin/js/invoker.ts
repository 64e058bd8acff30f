import { labelOf, type CapabilityDescriptor } from '../../capability/descriptor.js';
import type { Handlers } from '../../capability/js/handler.js';
import type { Backend } from '../../invocation/backend.js';
import { Invoker } from '../../invocation/invoker.js';
import { JsDriver } from './js-driver.js';

/** The invocations of one plugin in JavaScript. It accepts them while the plugin is active. */
export class JsInvoker {
  readonly #invoker = new Invoker(new JsDriver());

  constructor(private readonly pluginId: string) {}

  /** Makes the backend of a capability. */
  backendOf(descriptor: CapabilityDescriptor, handlers: Handlers): Backend {
    return this.#invoker.backendOf({ pluginId: this.pluginId, capability: labelOf(descriptor) }, handlers);
  }

  /** Resolves when none is open. */
  whenIdle(): Promise<void> {
    return this.#invoker.whenIdle();
  }

  open(): void {
    this.#invoker.open();
  }

  /** Refuses new invocations and cancels the open ones. */
  close(state: string): void {
    this.#invoker.close(state);
  }
}
