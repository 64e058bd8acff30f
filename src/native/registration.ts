import { Status } from '../abi/status.js';
import { labelOf } from '../capability/descriptor.js';
import { LifecycleError, messageOf, type ErrorContext } from '../errors/index.js';
import type { PluginLifecycle } from '../plugin/lifecycle.js';
import type { BackendApi } from '../plugin/plugin.js';
import type { NativeInvoker } from './invoker.js';
import { isBadCapability, readCapability, type NativeCapability } from './native-capability.js';
import type { PluginRecord } from '../report/plugin-record.js';
import { statusOf } from './reply-status.js';

/** Accepts what a native plugin registers while its `register_capabilities` runs. */
export class Registration {
  api: BackendApi | undefined;
  /** In order. */
  readonly capabilities: NativeCapability[] = [];
  /** The error of the first refused registration. It fails the plugin even if the plugin ignores the status (rule 7). */
  refusal: unknown;

  constructor(
    private readonly lifecycle: PluginLifecycle,
    private readonly invoker: NativeInvoker,
    private readonly record: PluginRecord,
    private readonly where: ErrorContext,
  ) {}

  /** Registers the `aisopod_capability` at `address`. Returns a status, and the reason if it was refused. */
  offer(address: number): { readonly status: number; readonly reason: string } {
    try {
      this.#register(address);
      return { status: Status.OK, reason: '' };
    } catch (error) {
      if (this.lifecycle.state === 'registering') this.refusal ??= error;
      this.record.add('register', messageOf(error));
      return { status: statusOf(error), reason: messageOf(error) };
    }
  }

  #register(address: number): void {
    const capability = readCapability(address);
    if (isBadCapability(capability)) throw new LifecycleError('ERR_CAPABILITY_INVALID', capability, this.where);
    const { descriptor } = capability;
    if (this.lifecycle.state !== 'registering' || this.api === undefined) {
      throw new LifecycleError('ERR_REGISTRATION_CLOSED', { capability: labelOf(descriptor) }, this.where);
    }
    this.api.registerCapability(descriptor, this.invoker.backendOf(capability));
    this.capabilities.push(capability);
  }
}
