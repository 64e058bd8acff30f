import type { Backend } from '../invocation/backend.js';
import type { CapabilityDescriptor } from './descriptor.js';
import { makeChannel, type Channel } from './channel.js';
import { makeCommand, type Authorize, type Command } from './command.js';
import { makeHookHandler, type HookHandler } from './hook.js';
import { makeProvider, type Provider } from './provider.js';
import { makeTool, type Tool } from './tool.js';

/** What a host sees of each kind. */
export interface Faces {
  tool: Tool;
  command: Command;
  hook: HookHandler;
  channel: Channel;
  provider: Provider;
}

/** @throws Error where the descriptor's spec does not fit its kind. */
export function makeFace(
  pluginId: string,
  descriptor: CapabilityDescriptor,
  backend: Backend,
  authorize: Authorize,
): Faces[keyof Faces] {
  switch (descriptor.kind) {
    case 'tool':
      return makeTool(pluginId, descriptor, backend);
    case 'command':
      return makeCommand(pluginId, descriptor, backend, authorize);
    case 'hook':
      return makeHookHandler(pluginId, descriptor, backend);
    case 'channel':
      return makeChannel(pluginId, descriptor, backend);
    case 'provider':
      return makeProvider(pluginId, descriptor, backend);
  }
}
