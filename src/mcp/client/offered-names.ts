import type { Tool } from '@modelcontextprotocol/client';

/** A tool of a server, under its name in the registry. */
export interface OfferedTool {
  readonly name: string;
  readonly tool: Tool;
}

/** Names the tools of a server. If two get the same name, the later one gets a number: `read`, `read_2`. */
export function namedTools(tools: readonly Tool[], toolName: (name: string) => string | undefined): readonly OfferedTool[] {
  const taken = new Set<string>();
  return tools.flatMap((tool) => {
    const wanted = toolName(tool.name);
    if (wanted === undefined) return [];
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
    taken.add(name);
    return [{ name, tool }];
  });
}
