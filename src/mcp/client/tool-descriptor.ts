import type { ToolAnnotations as McpAnnotations } from '@modelcontextprotocol/client';
import type { CapabilityDescriptor } from '../../capability/descriptor.js';
import { tool as toolKind } from '../../capability/kinds/tool.js';
import type { ToolAnnotations } from '../../capability/tool-spec.js';
import type { OfferedTool } from './offered-names.js';

const MAX_TITLE = 256;

/** What is registered for a tool of a server. */
export function descriptorOf({ name, tool }: OfferedTool): CapabilityDescriptor {
  const { description = '', inputSchema, outputSchema, annotations } = tool;
  const title = (tool.title ?? annotations?.title ?? '').slice(0, MAX_TITLE);
  return toolKind.offer({
    name,
    description,
    parameters: inputSchema,
    result: 'content',
    ...(title !== '' && { title }),
    ...(annotations !== undefined && { annotations: hintsOf(annotations) }),
    ...(outputSchema?.type === 'object' && { outputSchema }),
    call: () => undefined,
  }).descriptor;
}

/** Without what else a server may say. */
const hintsOf = ({ readOnlyHint, destructiveHint, idempotentHint, openWorldHint }: McpAnnotations): ToolAnnotations => ({
  readOnlyHint,
  destructiveHint,
  idempotentHint,
  openWorldHint,
});
