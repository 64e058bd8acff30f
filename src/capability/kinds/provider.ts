import { labelOf } from '../descriptor.js';
import type { InvokeOptions } from '../../invocation/backend.js';
import { callOptionsReader } from '../call-options.js';
import { decodeChunk, encodeJson } from '../json.js';
import { chatDelta, chatReply, chatRequest, models as modelList } from '../../payloads/chat.js';
import { misfitOf } from '../../payloads/misfit.js';
import type { Payload } from '../../payloads/payload-schema.js';
import type { Callee } from '../../invocation/callee.js';
import { contextOf, emitting, type CallContext, type Emit } from '../js/call-context.js';
import { Handle } from '../handle.js';
import type { CapabilityContext, Kind } from '../kind.js';
import { DOTTED_NAMES } from '../names.js';
import { decodeReply, memberOf, readObject } from '../reply.js';
import { HEALTH_EXPECTED, isUnsupported, readHealth, type ProviderHealth } from '../provider-health.js';
import { invalidParameters, invalidReply } from '../../invocation/errors.js';

/** A model that a provider offers: its id, and any other properties that the provider reports. */
export interface Model {
  readonly id: string;
  readonly [key: string]: unknown;
}

/** A finished message: a JSON object. */
export type ChatMessage = Readonly<Record<string, unknown>>;

export interface ChatOptions extends Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent' | 'context'> {
  /** Gets the parts of the message in order, all before `chat` resolves. If it returns a promise, the next part waits for it. */
  readonly onDelta?: ((delta: unknown) => void | Promise<void>) | undefined;
}

/** A source of language models. */
export interface Provider {
  readonly pluginId: string;
  readonly name: string;
  readonly description: string;
  /** @throws InvocationError ERR_INVALID_REPLY, or the error of the invocation */
  models(options?: Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent' | 'context'>): Promise<readonly Model[]>;
  /**
   * `request` fits the schema `chat-request` in schemas/, and may have more members; it is sent unchanged.
   * @throws InvocationError ERR_INVALID_PARAMETERS if it does not fit; otherwise as `models` does
   */
  chat(request: object, options?: ChatOptions): Promise<ChatMessage>;
  /** Whether the provider works now; `unknown` if it does not answer that question. @throws InvocationError as `models` does */
  health(options?: Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent' | 'context'>): Promise<ProviderHealth>;
}

/** A provider of a plugin in JavaScript. */
export interface ProviderDefinition {
  readonly name: string;
  readonly description?: string;
  models(context: CallContext): readonly Model[] | Promise<readonly Model[]>;
  /** Passes parts of the message to `emit`, and returns the whole message. */
  chat(request: unknown, context: CallContext & { readonly emit: Emit }): ChatMessage | Promise<ChatMessage>;
  /** Default: `{ status: 'unknown' }`. */
  health?(context: CallContext): ProviderHealth | Promise<ProviderHealth>;
}

export const provider = {
  kind: 'provider',
  names: DOTTED_NAMES,
  methods: ['models', 'chat', 'health'],
  pluginsMayCall: true,
  makeCapability: makeProvider,
  makeHandle: (target): Provider => new ProviderHandle(target),
  offer: (definition) => ({
    descriptor: { kind: 'provider', name: definition.name, description: definition.description ?? '', spec: undefined },
    handlers: {
      models: (_input, handling) => definition.models(contextOf(handling)),
      chat: (request, handling) => definition.chat(request, emitting(handling, 'delta')),
      health: (_input, handling) => definition.health?.(contextOf(handling)) ?? { status: 'unknown' },
    },
  }),
} as const satisfies Kind<Provider, ProviderDefinition, 'models' | 'chat' | 'health'>;

function readModels(document: unknown): readonly Model[] | undefined {
  return Array.isArray(document) && document.every(isModel) ? document : undefined;
}

function isModel(document: unknown): document is Model {
  const model = readObject(document);
  const id = model && memberOf(model, 'id');
  return typeof id === 'string' && id !== '';
}

/** The value, which a plugin sent, if it fits. @throws InvocationError ERR_INVALID_REPLY */
function fitting<T>(value: T, { schema }: Payload, what: string, callee: Callee): T {
  const misfit = misfitOf(value, schema);
  if (misfit === undefined) return value;
  throw invalidReply(callee, `${misfit.expected} at ${what}${misfit.pointer}`, misfit.found);
}

export function makeProvider({ pluginId, descriptor, backend }: CapabilityContext): Provider {
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const readOptions = callOptionsReader({ pluginId, step: 'active' });
  const readChatOptions = callOptionsReader({ pluginId, step: 'active' }, ['onDelta']);
  return {
    pluginId,
    name: descriptor.name,
    description: descriptor.description,
    async models(options = {}) {
      const reply = await backend.invoke('models', '{}', readOptions(options));
      return fitting(decodeReply(reply, readModels, '[{"id": "…"}, …]', callee), modelList, 'the models', callee);
    },
    async chat(request, given = {}) {
      const { onDelta, ...options } = readChatOptions(given);
      const input = encodeJson(request, callee);
      const misfit = misfitOf(request, chatRequest.schema);
      if (misfit !== undefined) throw invalidParameters(callee, misfit);
      const reply = await backend.invoke('chat', input, {
        ...options,
        onChunk(chunk) {
          if (chunk.tag !== 'delta') throw invalidReply(callee, 'chunks tagged delta', `one tagged ${chunk.tag}`);
          return onDelta?.(fitting(decodeChunk(chunk, callee), chatDelta, 'a delta', callee));
        },
      });
      return fitting(decodeReply(reply, readObject, 'a message, which is an object', callee), chatReply, 'the message', callee);
    },
    async health(options = {}) {
      try {
        return decodeReply(await backend.invoke('health', '{}', readOptions(options)), readHealth, HEALTH_EXPECTED, callee);
      } catch (error) {
        if (isUnsupported(error)) return { status: 'unknown' };
        throw error;
      }
    },
  };
}

class ProviderHandle extends Handle<Provider> implements Provider {
  get description() {
    return this.current.description;
  }
  readonly models: Provider['models'] = (options) => this.current.models(options);
  readonly chat: Provider['chat'] = (request, options) => this.current.chat(request, options);
  readonly health: Provider['health'] = (options) => this.current.health(options);
}
