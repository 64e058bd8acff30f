/** An MCP server with tools for each thing that a client must handle: `node fixture-server.mjs [legacy|modern|both] [log file]`. */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { appendFileSync } from 'node:fs';
import { z } from 'zod';

const [, , era = 'both', log] = process.argv;
const note = (text) => log && appendFileSync(log, `${text}\n`);
note(`started ${process.pid}`);
process.stderr.write('a line on standard error\n');

function build() {
  const server = new McpServer({ name: 'fixture', version: '1.0.0' }, { capabilities: { logging: {} } });
  const text = (value) => ({ content: [{ type: 'text', text: value }] });
  const define = (name, run, config = {}) => server.registerTool(name, { description: `does ${name}`, ...config }, run);
  define('say', ({ word }) => text(`${word}!`), { inputSchema: z.object({ word: z.string() }) });
  define('sum', ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }), {
    inputSchema: z.object({ a: z.number(), b: z.number() }),
    outputSchema: z.object({ sum: z.number() }),
    title: 'Sum',
    annotations: { readOnlyHint: true },
  });
  define('fail', () => ({ ...text('as it was told'), isError: true }));
  define('dotted.name', () => text('dotted'));
  define('picture', () => ({ content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }] }));
  define('link', () => ({ content: [{ type: 'resource_link', uri: 'https://example.com/', name: 'page', title: 'a page' }] }));
  define('trace', (context) => text(JSON.stringify(context.mcpReq._meta ?? {})));
  define('environment', () => text(JSON.stringify(process.env)));
  define('crash', () => process.exit(7));
  define('kill', () => process.kill(process.pid, 'SIGKILL'));
  define('hang', () => {
    for (;;);
  });
  define('wait', async (context) => {
    note('waiting');
    context.mcpReq.signal.addEventListener('abort', () => note('cancelled'));
    await new Promise(() => setInterval(() => undefined, 1000));
  });
  define('count', async (context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (let progress = 1; progress <= 3 && progressToken !== undefined; progress++) {
      await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 3, message: `step ${progress}` } });
    }
    return text('counted');
  });
  define('log', async (context) => {
    await context.mcpReq.log('warning', 'from the server');
    return text('logged');
  });
  define('grow', () => {
    server.registerTool('grown', { description: 'later' }, () => text('grown'));
    return text('grew');
  });
  return server;
}

if (era === 'legacy') await build().connect(new StdioServerTransport());
else serveStdio(build, era === 'modern' ? { legacy: 'reject' } : {});
// Also while a call waits: a test that was ended must leave no process behind.
process.stdin.on('end', () => process.exit());
