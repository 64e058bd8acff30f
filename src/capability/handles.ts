import type { Channel } from './channel.js';
import type { Command } from './command.js';
import type { Faces } from './faces.js';
import type { HookHandler } from './hook.js';
import type { Provider } from './provider.js';
import type { Tool } from './tool.js';

/*
 * What hosts hold of a capability. A handle belongs to a plugin id, a kind and a name; each use of it goes to the
 * generation of the plugin that is present then. Its methods may be taken off it, so they are bound.
 */

/** Where a handle finds the present generation's face; once the plugin is gone its last one, which refuses every call. */
export interface Target<K extends keyof Faces> {
  face: Faces[K];
}

class ToolHandle implements Tool {
  readonly pluginId: string;
  readonly name: string;
  readonly #target: Target<'tool'>;

  constructor(target: Target<'tool'>) {
    this.#target = target;
    this.pluginId = target.face.pluginId;
    this.name = target.face.name;
    Object.defineProperties(this, TOOL_GETTERS);
  }

  get description() {
    return this.#target.face.description;
  }
  get parameters() {
    return this.#target.face.parameters;
  }
  get sync() {
    return this.#target.face.sync;
  }
  get syncRaw() {
    return this.#target.face.syncRaw;
  }
  readonly call: Tool['call'] = (params, options) => this.#target.face.call(params, options);
  readonly callRaw: Tool['callRaw'] = (json, options) => this.#target.face.callRaw(json, options);
  readonly validate: Tool['validate'] = (params, json) => this.#target.face.validate(params, json);
}

class CommandHandle implements Command {
  readonly pluginId: string;
  readonly name: string;
  readonly #target: Target<'command'>;

  constructor(target: Target<'command'>) {
    this.#target = target;
    this.pluginId = target.face.pluginId;
    this.name = target.face.name;
    Object.defineProperties(this, COMMAND_GETTERS);
  }

  get description() {
    return this.#target.face.description;
  }
  get usage() {
    return this.#target.face.usage;
  }
  get requiresAuthorization() {
    return this.#target.face.requiresAuthorization;
  }
  readonly run: Command['run'] = (argv, options) => this.#target.face.run(argv, options);
}

class HookHandle implements HookHandler {
  readonly pluginId: string;
  readonly name: HookHandler['name'];
  readonly #target: Target<'hook'>;

  constructor(target: Target<'hook'>) {
    this.#target = target;
    this.pluginId = target.face.pluginId;
    this.name = target.face.name;
  }

  readonly handle: HookHandler['handle'] = (data, options) => this.#target.face.handle(data, options);
}

/** A connection stays with the generation that it was made with. */
class ChannelHandle implements Channel {
  readonly pluginId: string;
  readonly name: string;
  readonly #target: Target<'channel'>;

  constructor(target: Target<'channel'>) {
    this.#target = target;
    this.pluginId = target.face.pluginId;
    this.name = target.face.name;
    Object.defineProperties(this, CHANNEL_GETTERS);
  }

  get description() {
    return this.#target.face.description;
  }
  readonly connect: Channel['connect'] = (options) => this.#target.face.connect(options);
}

class ProviderHandle implements Provider {
  readonly pluginId: string;
  readonly name: string;
  readonly #target: Target<'provider'>;

  constructor(target: Target<'provider'>) {
    this.#target = target;
    this.pluginId = target.face.pluginId;
    this.name = target.face.name;
    Object.defineProperties(this, PROVIDER_GETTERS);
  }

  get description() {
    return this.#target.face.description;
  }
  readonly models: Provider['models'] = (options) => this.#target.face.models(options);
  readonly chat: Provider['chat'] = (request, options) => this.#target.face.chat(request, options);
}

/** A class's getters, to be properties of each object: a spread copies those, and JSON has them. */
function gettersOf({ prototype }: { readonly prototype: object }): PropertyDescriptorMap {
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(prototype);
  const getters = Object.entries(descriptors).filter(([, descriptor]) => 'get' in descriptor);
  return Object.fromEntries(getters.map(([name, getter]) => [name, { ...getter, enumerable: true }]));
}

const TOOL_GETTERS = gettersOf(ToolHandle);
const COMMAND_GETTERS = gettersOf(CommandHandle);
const CHANNEL_GETTERS = gettersOf(ChannelHandle);
const PROVIDER_GETTERS = gettersOf(ProviderHandle);

const HANDLES: { readonly [K in keyof Faces]: new (target: Target<K>) => Faces[K] } = {
  tool: ToolHandle,
  command: CommandHandle,
  hook: HookHandle,
  channel: ChannelHandle,
  provider: ProviderHandle,
};

export const makeHandle = <K extends keyof Faces>(kind: K, target: Target<K>): Faces[K] => new HANDLES[kind](target);
