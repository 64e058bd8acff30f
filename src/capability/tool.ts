import { InvocationError } from '../errors/index.js';
import { compileSchema } from '../schema/index.js';
import { labelOf, type CapabilityDescriptor } from './descriptor.js';
import type { Backend, Chunk, InvokeOptions } from '../invocation/backend.js';
import { describe } from '../options/option-error.js';
import { callOptionsReader } from './call-options.js';
import { decodeChunk, decodeJson, encodeJson } from './json.js';
import type { Callee } from '../invocation/callee.js';
import { parametersOf } from './spec.js';

/** Options of one call. See `InvokeOptions` for the shapes. */
export type CallOptions = Omit<InvokeOptions, 'onChunk'> & {
  /** Gets each streamed chunk as a value parsed from its JSON (or bytes), in order, before the result. */
  readonly onChunk?: ((chunk: unknown) => void | Promise<void>) | undefined;
};

/** JSON in, JSON out: what a language model calls. */
export interface Tool {
  readonly pluginId: string;
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the parameters. */
  readonly parameters: unknown;
  /**
   * Validates `params`, sends them, parses the answer.
   * @throws InvocationError ERR_INVALID_PARAMETERS before the plugin is entered; else what `callRaw` throws.
   */
  call(params: unknown, options?: CallOptions): Promise<unknown>;
  /**
   * The first step of `call`, for those that use `callRaw`; with `json`, the same as text, where they have it already.
   * @throws InvocationError ERR_INVALID_PARAMETERS
   */
  validate(params: unknown, json?: string): void;
  /**
   * JSON text in, JSON text out, for hosts that hold text already; the parameters are not validated, the answer is not
   * parsed. @throws InvocationError
   */
  callRaw(json: string, options?: InvokeOptions): Promise<string>;
  /** `call` on this thread; only where the tool is INLINE and runs in this process. */
  readonly sync?: ((params: unknown) => unknown) | undefined;
  /** `callRaw` on this thread; present with `sync`. */
  readonly syncRaw?: ((json: string) => string) | undefined;
}

/** @throws Error where the spec is no JSON Schema. */
export function makeTool(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend): Tool {
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const parameters = parametersOf(descriptor.spec);
  const failureOf = compileSchema(parameters);
  const check = (params: unknown, json: string): string => {
    const failure = failureOf(params, json.length);
    if (failure === undefined) return json;
    throw new InvocationError('ERR_INVALID_PARAMETERS', { capability: callee.capability, ...failure }, { pluginId });
  };
  const encode = (params: unknown): string => check(params, encodeJson(params, callee));
  const text = (json: unknown): string => {
    if (typeof json === 'string') return json;
    const fields = { capability: callee.capability, pointer: '', expected: 'JSON text', found: describe(json) };
    throw new InvocationError('ERR_INVALID_PARAMETERS', fields, { pluginId });
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
