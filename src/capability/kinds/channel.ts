import { optionError } from '../../options/option-error.js';
import { labelOf } from '../descriptor.js';
import { callOptionsReader } from '../call-options.js';
import { openConnection, type ChannelConnection, type ConnectOptions } from '../channel-connection.js';
import type { Callee } from '../../invocation/callee.js';
import { contextOf, emitting, type CallContext, type Emit } from '../js/call-context.js';
import { Handle } from '../handle.js';
import type { FaceContext, Kind } from '../kind.js';
import { DOTTED_NAMES } from '../names.js';
import { busy } from '../../invocation/errors.js';

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

/** A channel in JavaScript. */
export interface ChannelDefinition {
  readonly name: string;
  readonly description?: string;
  /** Runs for as long as the channel is connected: `signal` fires to end it. Inbound messages go to `emit`. */
  start(settings: unknown, context: CallContext & { readonly emit: Emit }): Promise<void>;
  /** Sends one message out. Returns a receipt. */
  send(message: unknown, context: CallContext): unknown;
}

export const channel = {
  kind: 'channel',
  names: DOTTED_NAMES,
  methods: ['start', 'send'],
  pluginsMayCall: false, // a channel speaks to the outside in the host's name
  makeFace: makeChannel,
  makeHandle: (target): Channel => new ChannelHandle(target),
  offer: (definition) => ({
    descriptor: { kind: 'channel', name: definition.name, description: definition.description ?? '', spec: undefined },
    handlers: {
      start: (settings, handling) => definition.start(settings, emitting(handling, 'message')),
      send: (message, handling) => definition.send(message, contextOf(handling)),
    },
  }),
} as const satisfies Kind<Channel, ChannelDefinition, 'start' | 'send'>;

export function makeChannel({ pluginId, descriptor, backend }: FaceContext): Channel {
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
      if (isTaken) throw busy(callee, 'it is connected already');
      isTaken = true;
      return openConnection(callee, backend, options, free);
    },
  };
}

/** A connection stays with the generation that it was made with. */
class ChannelHandle extends Handle<Channel> implements Channel {
  get description() {
    return this.face.description;
  }
  readonly connect: Channel['connect'] = (options) => this.face.connect(options);
}
