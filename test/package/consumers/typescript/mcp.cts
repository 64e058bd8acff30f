import mcp = require('aisopod-plugin/mcp');
import type { Plugin } from 'aisopod-plugin';

export const plugin: Plugin = mcp.mcpPlugin({ command: 'server' });
export const make: typeof mcp.createMcpServer = mcp.createMcpServer;
