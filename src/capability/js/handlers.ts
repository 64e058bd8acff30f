import type { ChunkTag } from '../../abi/constants.js';
import type { CapabilityDescriptor } from '../descriptor.js';
import type {
  CallContext,
  ChannelDefinition,
  CommandDefinition,
  Emit,
  HookDefinition,
  ProviderDefinition,
  ToolDefinition,
} from './definitions.js';
import type { Handlers, Handling } from './handler.js';

/** A definition in the contract's terms: what is registered, and what answers its methods. */
export interface Offer {
  readonly descriptor: CapabilityDescriptor;
  readonly handlers: Handlers;
}

const contextOf = ({ signal, invocation }: Handling): CallContext => ({ signal, invocation });
const emitting = (handling: Handling, tag: ChunkTag): CallContext & { readonly emit: Emit } => ({
  ...contextOf(handling),
  emit: (value) => handling.emit(tag, value),
});

export const offerTool = (tool: ToolDefinition): Offer => ({
  descriptor: { kind: 'tool', name: tool.name, description: tool.description ?? '', spec: tool.parameters },
  handlers: { call: (params, handling) => tool.call(params, emitting(handling, 'none')) },
});

export function offerCommand(command: CommandDefinition): Offer {
  const { name, description = '', usage, requiresAuthorization } = command;
  return {
    descriptor: { kind: 'command', name, description, spec: { usage, requiresAuthorization } },
    handlers: {
      async run(input, handling) {
        const { argv, cwd } = input as { readonly argv: readonly string[]; readonly cwd: string };
        const stdout = (text: string): Promise<void> => handling.emit('stdout', text);
        const stderr = (text: string): Promise<void> => handling.emit('stderr', text);
        return { exitCode: (await command.run(argv, { ...contextOf(handling), cwd, stdout, stderr })) ?? 0 };
      },
    },
  };
}

export const offerHook = (hook: HookDefinition): Offer => ({
  descriptor: { kind: 'hook', name: hook.name, description: '', spec: undefined },
  handlers: { handle: async (data, handling) => (await hook.handle(data, contextOf(handling))) ?? { action: 'continue' } },
});

export const offerChannel = (channel: ChannelDefinition): Offer => ({
  descriptor: { kind: 'channel', name: channel.name, description: channel.description ?? '', spec: undefined },
  handlers: {
    start: (settings, handling) => channel.start(settings, emitting(handling, 'message')),
    send: (message, handling) => channel.send(message, contextOf(handling)),
  },
});

export const offerProvider = (provider: ProviderDefinition): Offer => ({
  descriptor: { kind: 'provider', name: provider.name, description: provider.description ?? '', spec: undefined },
  handlers: {
    models: (_input, handling) => provider.models(contextOf(handling)),
    chat: (request, handling) => provider.chat(request, emitting(handling, 'delta')),
  },
});
