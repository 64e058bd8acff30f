/** The public API of aisopod-plugin/mcp. */
export { createMcpServer } from './server/create-mcp-server.js';
export type { McpHost, McpHttpOptions, McpHttpServer, McpServer, McpStdioConnection, McpStdioStreams } from './server/public.js';
export type { McpServerOptions } from './server/server-options.js';
export { mcpPlugin } from './client/mcp-plugin.js';
export type { McpPluginOptions } from './client/plugin-options.js';
