import { requireSchema } from '../../schema/require-schema.js'; // not the index, which loads Ajv
import { labelOf } from '../descriptor.js';
import type { Chunk, InvokeOptions } from '../../invocation/backend.js';
import { describe } from '../../options/option-error.js';
import { callOptionsReader } from '../call-options.js';
import { decodeChunk, decodeJson, encodeJson } from '../json.js';
import type { Callee } from '../../invocation/callee.js';
import { emitting, type CallContext, type Emit } from '../js/call-context.js';
import { Handle } from '../handle.js';
import type { CapabilityContext, Kind } from '../kind.js';
import { TOOL_NAMES } from '../names.js';
import { invalidParameters } from '../../invocation/errors.js';

/** Options of one call. See `InvokeOptions` for the shapes. */
export type CallOptions = Omit<InvokeOptions, 'onChunk'> & {
  /** Gets each streamed chunk as a value parsed from its JSON (or bytes), in order, before the result. */
  readonly onChunk?: ((chunk: unknown) => void | Promise<void>) | undefined;
};

/** A function that language models call: JSON in, JSON out. */
export interface Tool {
  readonly pluginId: string;
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the parameters. */
  readonly parameters: unknown;
  /**
   * Validates `params`, calls the tool, and parses its answer.
   * @throws InvocationError ERR_INVALID_PARAMETERS before the plugin is called; otherwise as `callRaw`
   */
  call(params: unknown, options?: CallOptions): Promise<unknown>;
  /**
   * Validates parameters as `call` does, for use with `callRaw`. `json` is the same value as text, if you already have it.
   * @throws InvocationError ERR_INVALID_PARAMETERS
   */
  validate(params: unknown, json?: string): void;
  /**
   * JSON text in, JSON text out, for a host that already has text. Does not validate the parameters or parse the answer.
   * @throws InvocationError
   */
  callRaw(json: string, options?: InvokeOptions): Promise<string>;
  /**
   * `call` on this thread. Present only if the tool is INLINE, and runs in this process or in one that shares memory with it. There it
   * waits for `processes.syncTimeoutMs` at most. @throws InvocationError
   */
  readonly sync?: ((params: unknown) => unknown) | undefined;
  /** `callRaw` on this thread. Present if `sync` is. */
  readonly syncRaw?: ((json: string) => string) | undefined;
}

/** A tool in JavaScript. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema. `call` gets only parameters that fit it, so it may rely on their types. Default: any object. */
  readonly parameters?: unknown;
  call(params: unknown, context: CallContext & { readonly emit: Emit }): unknown;
}

export const tool = {
  kind: 'tool',
  names: TOOL_NAMES,
  methods: ['call'],
  pluginsMayCall: true,
  checkSpec: parametersOf,
  checkInput: (capability, input, json) => capability.validate(input, json),
  makeCapability: makeTool,
  makeHandle: (target): Tool => new ToolHandle(target),
  offer: (definition) => ({
    descriptor: { kind: 'tool', name: definition.name, description: definition.description ?? '', spec: definition.parameters },
    handlers: { call: (params, handling) => definition.call(params, emitting(handling, 'none')) },
  }),
} as const satisfies Kind<Tool, ToolDefinition, 'call'>;

/**
 * The JSON Schema of a tool's parameters; a tool without one accepts any object. Models call tools with objects, so a schema
 * whose `type` excludes objects is refused. @throws Error
 */
export function parametersOf(spec: unknown): unknown {
  const schema = spec ?? { type: 'object' };
  requireSchema(schema);
  const type: unknown = typeof schema === 'object' && 'type' in schema ? schema.type : 'object';
  if (schema !== false && (type === 'object' || (Array.isArray(type) && type.includes('object')))) return schema;
  throw new Error(`a tool's parameters are an object: expected type "object", found ${JSON.stringify(schema === false ? schema : type)?.slice(0, 100) ?? 'nothing'}`);
}

/** @throws Error if the spec is not a JSON Schema */
export function makeTool({ pluginId, descriptor, backend, compileSchema }: CapabilityContext): Tool {
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const parameters = parametersOf(descriptor.spec);
  const failureOf = compileSchema(parameters);
  const check = (params: unknown, json: string): string => {
    const failure = failureOf(params, json.length);
    if (failure === undefined) return json;
    throw invalidParameters(callee, failure);
  };
  const encode = (params: unknown): string => check(params, encodeJson(params, callee));
  const text = (json: unknown): string => {
    if (typeof json === 'string') return json;
    throw invalidParameters(callee, { expected: 'JSON text', found: describe(json) });
  };
  const readOptions = callOptionsReader({ pluginId, step: 'active' }, ['onChunk', 'onPending', 'onReturned'], ['drain']);
  const { invokeSync } = backend;
  return {
    pluginId,
    name: descriptor.name,
    description: descriptor.description,
    parameters,
    validate: (params, json = encodeJson(params, callee)) => void check(params, json),
    async call(params, given) {
      const { onChunk, ...options } = given === undefined ? {} : readOptions(given);
      const raw = onChunk && { onChunk: (chunk: Chunk) => onChunk(decodeChunk(chunk, callee)) };
      return decodeJson(await backend.invoke('call', encode(params), { ...options, ...raw }), callee);
    },
    callRaw: async (json, options) => backend.invoke('call', text(json), options === undefined ? {} : readOptions(options)),
    ...(invokeSync && {
      sync: (params: unknown) => decodeJson(invokeSync('call', encode(params)), callee),
      syncRaw: (json: string) => invokeSync('call', text(json)),
    }),
  };
}

class ToolHandle extends Handle<Tool> implements Tool {
  get description() {
    return this.current.description;
  }
  get parameters() {
    return this.current.parameters;
  }
  get sync() {
    return this.current.sync;
  }
  get syncRaw() {
    return this.current.syncRaw;
  }
  readonly call: Tool['call'] = (params, options) => this.current.call(params, options);
  readonly callRaw: Tool['callRaw'] = (json, options) => this.current.callRaw(json, options);
  readonly validate: Tool['validate'] = (params, json) => this.current.validate(params, json);
}
