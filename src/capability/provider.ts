import { z } from 'zod';
import { labelOf, type CapabilityDescriptor } from './descriptor.js';
import type { Backend, InvokeOptions } from '../invocation/backend.js';
import { callOptionsReader } from './call-options.js';
import { decodeChunk, encodeJson } from './json.js';
import type { Callee } from '../invocation/callee.js';
import { decodeReply, invalidReply } from './reply.js';

/** A model that a provider offers: its id, and whatever else the provider tells of it. */
export interface Model {
  readonly id: string;
  readonly [key: string]: unknown;
}

/** A finished message: a JSON object. */
export type ChatMessage = Readonly<Record<string, unknown>>;

export interface ChatOptions extends Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent'> {
  /** Gets the parts of the message in order, each before `chat` resolves. While a promise it returned is open, the next waits. */
  readonly onDelta?: ((delta: unknown) => void | Promise<void>) | undefined;
}

/** A source of language models. */
export interface Provider {
  readonly pluginId: string;
  readonly name: string;
  readonly description: string;
  /** @throws InvocationError ERR_INVALID_REPLY, or what the invocation ends with */
  models(options?: Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent'>): Promise<readonly Model[]>;
  /** `request` is an object that JSON can hold, sent as it is. @throws InvocationError as `models` does */
  chat(request: object, options?: ChatOptions): Promise<ChatMessage>;
}

const Models = z.array(z.looseObject({ id: z.string().min(1) }));
const Message = z.record(z.string(), z.unknown());

export function makeProvider(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend): Provider {
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const readOptions = callOptionsReader({ pluginId, step: 'active' });
  const readChatOptions = callOptionsReader({ pluginId, step: 'active' }, ['onDelta']);
  return {
    pluginId,
    name: descriptor.name,
    description: descriptor.description,
    async models(options = {}) {
      return decodeReply(await backend.invoke('models', '{}', readOptions(options)), Models, '[{"id": "…"}, …]', callee);
    },
    async chat(request, given = {}) {
      const { onDelta, ...options } = readChatOptions(given);
      const reply = await backend.invoke('chat', encodeJson(request, callee), {
        ...options,
        onChunk(chunk) {
          if (chunk.tag !== 'delta') throw invalidReply(callee, 'chunks tagged delta', `one tagged ${chunk.tag}`);
          return onDelta?.(decodeChunk(chunk, callee));
        },
      });
      return decodeReply(reply, Message, 'a message, which is an object', callee);
    },
  };
}
