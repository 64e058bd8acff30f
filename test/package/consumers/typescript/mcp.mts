import { PluginHost, type Plugin } from 'aisopod-plugin';
import { createMcpServer, mcpPlugin, type McpServer } from 'aisopod-plugin/mcp';

export async function serve(host: PluginHost): Promise<McpServer> {
  const server = await createMcpServer(host, { offers: ({ name }) => name !== 'secret' });
  const { url, token }: { readonly url: string; readonly token: string | undefined } = await server.listen({ port: 0 });
  console.log(url, token);
  return server;
}

export const plugin: Plugin = mcpPlugin({ command: 'server', args: ['--stdio'] });

// @ts-expect-error: the command is required
mcpPlugin({});
