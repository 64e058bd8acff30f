import { messageOf } from '../../errors/index.js';
import { invalidParameters, notFound } from '../../invocation/errors.js';
import { listOf, name, trueOrFalse } from '../../options/fields.js';
import { group } from '../../options/group.js';
import { requireKnown } from '../../options/require-known.js';
import { readOptions } from '../../options/read-options.js';
import type { Tool } from '../kinds/tool.js';
import { readObject } from '../reply.js';
import { FORMATS, type ToolFormat, type ToolFormats } from './formats.js';
import { UniqueNames } from './unique-names.js';

export interface ToolDefinitionOptions {
  /** Begin each name with its plugin's id: `weather__forecast`. Default false. */
  readonly prefix?: boolean;
  /** Names that the request uses already, for example for tools of the host's own. */
  readonly taken?: readonly string[];
}

const definitionOptions = group<ToolDefinitionOptions>({ prefix: trueOrFalse, taken: listOf(name('a name'), 'an array of names') });

/** A call that a model made, with the tool that it means. */
export interface ModelCall {
  readonly tool: Tool;
  readonly params: unknown;
  /** What the API wants back with the result: `tool_call_id`, `call_id` or `tool_use_id`. Absent for MCP. */
  readonly id?: string;
}

/** Tools as one API takes them in a request, and the way back from its calls. */
export interface ToolDefinitions<Definition> {
  /** Part of a request: `tools`. */
  readonly tools: readonly Definition[];
  /** The tool that has this name in the request. */
  readonly find: (name: string) => Tool | undefined;
  /**
   * Reads a call from the API's answer: an entry of OpenAI's `tool_calls` (or a `function_call` item), Anthropic's `tool_use` block,
   * or the `params` of MCP's `tools/call`. Does not check the parameters: `tool.call` does.
   * @throws InvocationError ERR_CAPABILITY_NOT_FOUND, ERR_INVALID_PARAMETERS if it is no call, or its arguments are not JSON
   */
  readonly read: (call: unknown) => ModelCall;
}

/** Describes tools for one API. A snapshot: call it again when plugins have changed. @throws LoadError ERR_OPTIONS */
export function toolDefinitions<F extends ToolFormat>(tools: readonly Tool[], format: F, given: ToolDefinitionOptions = {}): ToolDefinitions<ToolFormats[F]> {
  requireKnown('format', format, Object.keys(FORMATS));
  const { prefix = false, taken } = readOptions(definitionOptions, given);
  const names = new UniqueNames(taken);
  const byName = new Map(tools.map((tool) => [names.make(prefix ? `${tool.pluginId}__${tool.name}` : tool.name), tool]));
  const { define, read } = FORMATS[format];
  return {
    tools: [...byName].map(([name, tool]) => define(tool, name)),
    find: (name) => byName.get(name),
    read(given) {
      const object = readObject(given);
      const call = object && read(object);
      if (call === undefined) throw invalidParameters({ capability: 'tool' }, { expected: `a call as ${format} writes it`, found: 'something else' });
      const tool = byName.get(call.name);
      if (tool === undefined) throw notFound(`tool ${call.name}`);
      return { tool, params: paramsOf(tool, call.input), ...(call.id !== undefined && { id: call.id }) };
    },
  };
}

/** OpenAI sends JSON text. Some models send none at all for a tool without parameters. */
function paramsOf({ pluginId, name }: Tool, input: unknown): unknown {
  if (typeof input !== 'string') return input;
  if (input.trim() === '') return {};
  try {
    return JSON.parse(input);
  } catch (cause) {
    throw invalidParameters({ pluginId, capability: `tool ${name}` }, { expected: 'JSON', found: messageOf(cause) }, cause);
  }
}
