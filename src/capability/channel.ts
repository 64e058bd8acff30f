import { InvocationError } from '../errors/index.js';
import { optionError } from '../options/option-error.js';
import { labelOf, type CapabilityDescriptor } from './descriptor.js';
import type { Backend } from '../invocation/backend.js';
import { callOptionsReader } from './call-options.js';
import { openConnection, type ChannelConnection, type ConnectOptions } from './channel-connection.js';
import type { Callee } from '../invocation/callee.js';

/** A way for messages to and from the world outside, such as a chat network. */
export interface Channel {
  readonly pluginId: string;
  readonly name: string;
  readonly description: string;
  /**
   * Starts the channel. Resolves once the plugin has taken it up (its `start` answered PENDING): from here `send` works
   * and messages come. What goes wrong later shows on the connection's `closed`. A channel has one connection at a time.
   * @throws InvocationError ERR_PLUGIN_BUSY where it is connected already, or why it could not start; what `onMessage`
   * threw, where that was before
   */
  connect(options: ConnectOptions): Promise<ChannelConnection>;
}

export function makeChannel(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend): Channel {
  const { name, description } = descriptor;
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const where = { pluginId, step: 'active' } as const;
  const readOptions = callOptionsReader(where, ['onMessage'], ['settings'], true);
  let isTaken = false;
  const free = (): void => {
    isTaken = false;
  };
  return {
    pluginId,
    name,
    description,
    async connect(given) {
      const options = readOptions(given);
      if ((options.onMessage as unknown) === undefined) throw optionError('onMessage', 'a function', undefined, where);
      if (isTaken) {
        const fields = { capability: callee.capability, reason: 'it is connected already' };
        throw new InvocationError('ERR_PLUGIN_BUSY', fields, { pluginId });
      }
      isTaken = true;
      return openConnection(callee, backend, options, free);
    },
  };
}
