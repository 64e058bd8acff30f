import { labelOf } from '../descriptor.js';
import type { InvokeOptions } from '../../invocation/backend.js';
import { describe } from '../../options/option-error.js';
import { callOptionsReader } from '../call-options.js';
import { encodeJson } from '../json.js';
import type { Callee } from '../../invocation/callee.js';
import { Handle } from '../handle.js';
import { isPlainJson } from '../plain-json.js';
import type { CapabilityContext, Kind } from '../kind.js';
import { TOOL_NAMES } from '../names.js';
import type { Progress } from '../progress.js';
import { answerReader, chunkReader } from '../tool-answer.js';
import { offerOf, type ToolDefinition } from '../tool-definition.js';
import { readToolSpec, type JsonSchema, type ToolAnnotations, type ToolResultKind } from '../tool-spec.js';
import { invalidParameters } from '../../invocation/errors.js';

/** Options of one call. See `InvokeOptions` for the shapes. */
export type CallOptions = Omit<InvokeOptions, 'onChunk'> & {
  /** Gets each streamed chunk as a value parsed from its JSON (or bytes), in order, before the result. */
  readonly onChunk?: ((chunk: unknown) => void | Promise<void>) | undefined;
  /** Gets each report of progress, in order with the chunks. */
  readonly onProgress?: ((progress: Progress) => void | Promise<void>) | undefined;
};

/** A function that language models call: JSON in, JSON out. */
export interface Tool {
  readonly pluginId: string;
  readonly name: string;
  readonly description: string;
  /** A name for people. */
  readonly title?: string | undefined;
  /** JSON Schema of the parameters. */
  readonly parameters: JsonSchema;
  readonly annotations?: ToolAnnotations | undefined;
  /** JSON Schema of the result or, of a tool that answers with content, of its `structuredContent`. */
  readonly outputSchema?: JsonSchema | undefined;
  /** Whether it answers with any JSON value, or with a ToolContent. */
  readonly result: ToolResultKind;
  /**
   * Validates `params`, calls the tool, parses its answer, and checks that against `outputSchema` and `result`. The type of the
   * result is the caller's claim: only `outputSchema` is checked.
   * @throws InvocationError ERR_INVALID_PARAMETERS before the plugin is called; ERR_INVALID_REPLY; otherwise as `callRaw`
   */
  call<P = unknown, R = unknown>(params: P, options?: CallOptions): Promise<R>;
  /**
   * Validates parameters as `call` does, for use with `callRaw`. `json` is the same value as text, if you already have it.
   * @throws InvocationError ERR_INVALID_PARAMETERS
   */
  validate(params: unknown, json?: string): void;
  /**
   * JSON text in, JSON text out, for a host that already has text. Does not validate the parameters, or parse and check the answer.
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

export const tool = {
  kind: 'tool',
  names: TOOL_NAMES,
  methods: ['call'],
  pluginsMayCall: true,
  checkSpec: readToolSpec,
  checkInput: (capability, input, json) => capability.validate(input, json),
  makeCapability: makeTool,
  makeHandle: (target): Tool => new ToolHandle(target),
  offer: offerOf,
} as const satisfies Kind<Tool, ToolDefinition, 'call'>;

/** @throws Error if the spec does not fit a tool */
export function makeTool({ pluginId, descriptor, backend, compileSchema }: CapabilityContext): Tool {
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const { parameters, title, annotations, outputSchema, result } = readToolSpec(descriptor.spec);
  const failureOf = compileSchema(parameters);
  const check = (params: unknown, json: string): string => {
    const failure = failureOf(isPlainJson(params) ? params : JSON.parse(json), json.length);
    if (failure === undefined) return json;
    throw invalidParameters(callee, failure);
  };
  const encode = (params: unknown): string => check(params, encodeJson(params, callee));
  const decode = answerReader(callee, result, outputSchema === undefined ? undefined : compileSchema(outputSchema));
  const text = (json: unknown): string => {
    if (typeof json === 'string') return json;
    throw invalidParameters(callee, { expected: 'JSON text', found: describe(json) });
  };
  const readOptions = callOptionsReader({ pluginId, step: 'active' }, ['onChunk', 'onProgress', 'onPending', 'onReturned'], ['drain']);
  const readRawOptions = callOptionsReader({ pluginId, step: 'active' }, ['onChunk', 'onPending', 'onReturned'], ['drain']);
  const { invokeSync } = backend;
  return {
    pluginId,
    name: descriptor.name,
    description: descriptor.description,
    title,
    parameters,
    annotations,
    outputSchema,
    result,
    validate: (params, json = encodeJson(params, callee)) => void check(params, json),
    async call<P, R>(params: P, given?: CallOptions) {
      const { onChunk, onProgress, ...options } = given === undefined ? {} : readOptions(given);
      const raw = (onChunk ?? onProgress) && { onChunk: chunkReader(callee, onChunk, onProgress) };
      return decode(await backend.invoke('call', encode(params), { ...options, ...raw })) as R;
    },
    callRaw: async (json, options) => backend.invoke('call', text(json), options === undefined ? {} : readRawOptions(options)),
    ...(invokeSync && {
      sync: (params: unknown) => decode(invokeSync('call', encode(params))),
      syncRaw: (json: string) => invokeSync('call', text(json)),
    }),
  };
}

class ToolHandle extends Handle<Tool> implements Tool {
  get description() {
    return this.current.description;
  }
  get title() {
    return this.current.title;
  }
  get parameters() {
    return this.current.parameters;
  }
  get annotations() {
    return this.current.annotations;
  }
  get outputSchema() {
    return this.current.outputSchema;
  }
  get result() {
    return this.current.result;
  }
  get sync() {
    return this.current.sync;
  }
  get syncRaw() {
    return this.current.syncRaw;
  }
  readonly call: Tool['call'] = <P, R>(params: P, options?: CallOptions) => this.current.call<P, R>(params, options);
  readonly callRaw: Tool['callRaw'] = (json, options) => this.current.callRaw(json, options);
  readonly validate: Tool['validate'] = (params, json) => this.current.validate(params, json);
}
