import type { CallToolResult } from '@modelcontextprotocol/client';
import type { ToolContent } from '../../capability/tool-content.js';

/** The answer of a tool, from an MCP result: the blocks have the same shape. */
export function answerOf({ content, structuredContent, isError }: CallToolResult): ToolContent {
  return {
    content: content as ToolContent['content'],
    ...(isObject(structuredContent) && { structuredContent }),
    ...(isError !== undefined && { isError }),
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
