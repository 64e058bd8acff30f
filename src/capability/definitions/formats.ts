import type { Tool } from '../kinds/tool.js';
import type { JsonSchema, ToolAnnotations } from '../tool-spec.js';

/** A JSON Schema whose `type` is `object`, as each of these APIs wants it. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly properties: unknown;
  readonly [keyword: string]: unknown;
}

/** A tool in the result of MCP's `tools/list`. */
export interface McpToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema?: ObjectSchema;
  readonly annotations?: ToolAnnotations;
}

/** A tool in a request of OpenAI's Chat Completions API, and of the many that copy it. */
export interface OpenAiToolDefinition {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly description?: string; readonly parameters: ObjectSchema };
}

/** A tool in a request of Anthropic's Messages API. */
export interface AnthropicToolDefinition {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: ObjectSchema;
}

/** What each format calls a definition. */
export interface ToolFormats {
  readonly mcp: McpToolDefinition;
  readonly openai: OpenAiToolDefinition;
  readonly anthropic: AnthropicToolDefinition;
}

export type ToolFormat = keyof ToolFormats;

/** A call that a model makes: which tool, and with what. */
export interface NamedCall {
  readonly name: string;
  /** Absent for MCP, whose calls are requests with an id of their own. */
  readonly id?: string;
  /** An object, or JSON text. */
  readonly input: unknown;
}

/** How one API writes tools and calls. */
interface Format<Definition> {
  readonly define: (tool: Tool, name: string) => Definition;
  /** Reads one call; `undefined` for an object of another shape. */
  readonly read: (call: Readonly<Record<string, unknown>>) => NamedCall | undefined;
}

/** The row of each API. */
export const FORMATS: { readonly [F in ToolFormat]: Format<ToolFormats[F]> } = {
  mcp: {
    define: ({ title, description, parameters, outputSchema, annotations }, name) => ({
      name,
      ...(title !== undefined && { title }),
      ...describe(description),
      inputSchema: objectSchemaOf(parameters),
      ...(outputSchema !== undefined && { outputSchema: objectSchemaOf(outputSchema) }),
      ...(annotations !== undefined && { annotations }),
    }),
    // the `params` of a `tools/call`
    read: ({ name, arguments: input = {} }) => named(name, undefined, input),
  },
  openai: {
    define: ({ description, parameters }, name) => ({
      type: 'function',
      function: { name, ...describe(description), parameters: objectSchemaOf(parameters) },
    }),
    // an entry of `tool_calls`, or a `function_call` of the Responses API
    read: ({ id, call_id: callId, function: called, name, arguments: input }) => {
      if (typeof called !== 'object' || called === null) return named(name, callId, input);
      const { name: inner, arguments: innerInput } = called as Readonly<Record<string, unknown>>;
      return named(inner, id, innerInput);
    },
  },
  anthropic: {
    define: ({ description, parameters }, name) => ({ name, ...describe(description), input_schema: objectSchemaOf(parameters) }),
    // a block of type `tool_use`
    read: ({ name, id, input }) => named(name, id, input),
  },
};

const describe = (description: string): { readonly description?: string } => (description === '' ? {} : { description });

function named(name: unknown, id: unknown, input: unknown): NamedCall | undefined {
  return typeof name === 'string' && input !== undefined ? { name, ...(typeof id === 'string' && { id }), input } : undefined;
}

/** A tool's schema allows objects, but need not say so, and may allow more. */
function objectSchemaOf(schema: JsonSchema): ObjectSchema {
  const keywords = typeof schema === 'boolean' ? {} : schema;
  return { ...keywords, type: 'object', properties: Object.hasOwn(keywords, 'properties') ? keywords.properties : {} };
}
