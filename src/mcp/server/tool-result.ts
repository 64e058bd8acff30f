import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Tool } from '../../capability/kinds/tool.js';
import { toolContentOf } from '../../capability/tool-content.js';
import type { PluginError } from '../../errors/index.js';

/** The member of a result's `_meta` with the code of this package's error. */
const ERROR_CODE_META = 'aisopod-plugin/code';

/** The answer of a tool: its content or, for other tools, text for the model and an object as structured content too. */
export const resultOf = (tool: Tool, answer: unknown): CallToolResult => ({ ...toolContentOf(tool, answer) }) as CallToolResult;

/** The failure of a call, as a result that the model reads. A client that wants to handle it itself gets the code. */
export const errorResultOf = ({ message, code }: PluginError): CallToolResult => failure(message, code);

/** A hook refused the call. */
export function vetoResultOf(tool: string, { pluginId, reason }: { readonly pluginId: string; readonly reason: string }): CallToolResult {
  return failure(`tool ${tool} was not called: plugin ${pluginId} vetoed it: ${reason}`, 'ERR_CALL_DENIED');
}

const failure = (text: string, code: string): CallToolResult => ({ content: [{ type: 'text', text }], isError: true, _meta: { [ERROR_CODE_META]: code } });
