import { emitting, type CallContext, type Emit } from './js/call-context.js';
import type { Offer } from './js/offer.js';
import type { Progress } from './progress.js';
import type { JsonSchema, ToolAnnotations, ToolResultKind } from './tool-spec.js';

/** A tool in JavaScript. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema. `call` gets only parameters that fit it, so it may rely on their types. Default: any object. */
  readonly parameters?: unknown;
  /** A name for people. */
  readonly title?: string;
  readonly annotations?: ToolAnnotations;
  /** JSON Schema of the result or, with content, of its `structuredContent`. */
  readonly outputSchema?: JsonSchema;
  /** `content`: `call` returns a ToolContent. Default `json`. */
  readonly result?: ToolResultKind;
  call(params: unknown, context: ToolCallContext): unknown;
}

/** The second argument of a tool in JavaScript. */
export interface ToolCallContext extends CallContext {
  readonly emit: Emit;
  /** Reports progress. Resolves when the receiver has processed it. */
  readonly progress: (progress: Progress) => Promise<void>;
}

/** Converts a definition to what is registered. */
export const offerOf = (definition: ToolDefinition): Offer<'call'> => ({
  descriptor: { kind: 'tool', name: definition.name, description: definition.description ?? '', spec: specOf(definition) },
  handlers: {
    call: (params, handling) =>
      definition.call(params, { ...emitting(handling, 'none'), progress: (progress) => handling.emit('progress', progress) }),
  },
});

/** Only the schema of the parameters, if the tool has nothing else. */
function specOf({ parameters, title, annotations, outputSchema, result }: ToolDefinition): unknown {
  const more = Object.entries({ title, annotations, outputSchema, result }).filter(([, value]) => value !== undefined);
  return more.length === 0 ? parameters : { parameters, ...Object.fromEntries(more) };
}
