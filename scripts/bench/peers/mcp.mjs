/** A tool of an MCP server, with the SDK at both ends, over stdio. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';

// The SDK adds a listener for each message that waits, and Node would warn of many.
EventEmitter.defaultMaxListeners = Infinity;

export async function open() {
  const transport = new StdioClientTransport({ command: process.execPath, args: [join(import.meta.dirname, 'mcp-server.mjs')] });
  const client = new Client({ name: 'benchmark', version: '1.0.0' });
  await client.connect(transport);
  const call = async (text) => {
    const { content } = await client.callTool({ name: 'echo', arguments: { text } }, undefined, { timeout: 600_000 });
    return content[0].text;
  };
  return { call, pid: transport.pid, close: () => client.close() };
}
