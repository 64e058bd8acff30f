import type { CallToolResult } from '@modelcontextprotocol/client';
import type { ToolContent } from '../../capability/tool-content.js';

/** The answer of a tool, from an MCP result. */
export function answerOf({ content, structuredContent, isError }: CallToolResult): ToolContent {
  return {
    content: content.map(blockOf) as ToolContent['content'],
    ...(isObject(structuredContent) && { structuredContent }),
    ...(isError !== undefined && { isError }),
  };
}

type Block = CallToolResult['content'][number];

/** A link becomes text: a tool's content has the resources themselves. */
function blockOf(block: Block): Block {
  return block.type === 'resource_link' ? { type: 'text', text: `${block.title ?? block.name}: ${block.uri}` } : block;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
