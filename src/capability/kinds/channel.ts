import { optionError } from '../../options/option-error.js';
import { labelOf } from '../descriptor.js';
import { callOptionsReader } from '../call-options.js';
import { channelSpecOf, featuresOf, readChannelSpec, type ChannelFeatures, type ChannelSpec } from '../channel-spec.js';
import { openConnection, type ChannelConnection, type ConnectOptions } from '../channel-connection.js';
import type { Callee } from '../../invocation/callee.js';
import { contextOf, emitting, type CallContext, type Emit } from '../js/call-context.js';
import { Handle } from '../handle.js';
import type { CapabilityContext, Kind } from '../kind.js';
import { DOTTED_NAMES } from '../names.js';
import { busy } from '../../invocation/errors.js';

/** Sends and receives messages through an external service, such as a chat network. */
export interface Channel {
  readonly pluginId: string;
  readonly name: string;
  readonly description: string;
  /** A name for people; the channel's name if the plugin has given none. */
  readonly label: string;
  /** What the channel can do. */
  readonly features: ChannelFeatures;
  /**
   * Starts the channel. Resolves when the plugin has accepted it (its `start` returned PENDING): from then on `send` works
   * and messages arrive. A later failure rejects the connection's `closed`. A channel has one connection at a time.
   * @throws InvocationError ERR_PLUGIN_BUSY if it is connected already, or the reason why it could not start; the error of
   * `onMessage`, if that throws before the channel has started
   */
  connect(options: ConnectOptions): Promise<ChannelConnection>;
}

/** A channel of a plugin in JavaScript. */
export interface ChannelDefinition extends ChannelSpec {
  readonly name: string;
  readonly description?: string;
  /** Runs as long as the channel is connected; `signal` fires to end it. Pass inbound messages to `emit`. */
  start(settings: unknown, context: CallContext & { readonly emit: Emit }): Promise<void>;
  /** Sends one message out. Returns a receipt. */
  send(message: unknown, context: CallContext): unknown;
}

/** The routes of channels that have a connection: it moves from one generation of the plugin to the next. */
const taken = new WeakSet<object>();

export const channel = {
  kind: 'channel',
  names: DOTTED_NAMES,
  methods: ['start', 'send'],
  checkSpec: readChannelSpec,
  pluginsMayCall: false, // a channel sends messages on behalf of the host
  makeCapability: makeChannel,
  makeHandle: (target): Channel => new ChannelHandle(target),
  offer: (definition) => ({
    descriptor: { kind: 'channel', name: definition.name, description: definition.description ?? '', spec: channelSpecOf(definition) },
    handlers: {
      start: (settings, handling) => definition.start(settings, emitting(handling, 'message')),
      send: (message, handling) => definition.send(message, contextOf(handling)),
    },
  }),
} as const satisfies Kind<Channel, ChannelDefinition, 'start' | 'send'>;

/** @throws Error if the spec does not fit a channel */
export function makeChannel({ pluginId, descriptor, backend }: CapabilityContext): Channel {
  const { name, description } = descriptor;
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const spec = readChannelSpec(descriptor.spec);
  const where = { pluginId, step: 'active' } as const;
  const readOptions = callOptionsReader(where, ['onMessage'], ['settings'], true);
  const { route = {} } = backend;
  const free = (): void => void taken.delete(route);
  return {
    pluginId,
    name,
    description,
    label: spec.label ?? name,
    features: featuresOf(spec),
    async connect(given) {
      const options = readOptions(given);
      if ((options.onMessage as unknown) === undefined) throw optionError('onMessage', 'a function', undefined, where);
      if (taken.has(route)) throw busy(callee, 'it is connected already');
      taken.add(route);
      return openConnection(callee, backend, options, free);
    },
  };
}

class ChannelHandle extends Handle<Channel> implements Channel {
  get description() {
    return this.current.description;
  }
  get label() {
    return this.current.label;
  }
  get features() {
    return this.current.features;
  }
  readonly connect: Channel['connect'] = (options) => this.current.connect(options);
}
