/** An MCP server without the SDK, which would not let its tools answer like this: `node raw-server.mjs [odd]`. */
import { createInterface } from 'node:readline';

const text = (value) => ({ content: [{ type: 'text', text: value }] });
const SUM = { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] };
/** Takes exponential time for letters without an end. */
const SLOW = { type: 'object', properties: { word: { type: 'string', pattern: '^(a|a)+$' } } };

const TOOLS = {
  right: { outputSchema: SUM, answer: () => ({ ...text('3'), structuredContent: { sum: 3 } }) },
  wrong: { outputSchema: SUM, answer: () => ({ ...text('3'), structuredContent: { sum: '3' } }) },
  absent: { outputSchema: SUM, answer: () => text('3') },
  sorry: { outputSchema: SUM, answer: () => ({ ...text('no'), isError: true }) },
  slow: { outputSchema: SLOW, answer: () => ({ ...text('a'), structuredContent: { word: `${'a'.repeat(60)}!` } }) },
  loud: {
    answer() {
      console.log('a line that is not of the protocol');
      return text('loud');
    },
  },
};

/** A schema that is none. */
if (process.argv[2] === 'odd') TOOLS.odd = { inputSchema: { type: 'object', properties: { a: { type: 'sum' } } }, answer: () => text('odd') };

const METHODS = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'raw', version: '1.0.0' } }),
  ping: () => ({}),
  'tools/list': () => ({ tools: Object.entries(TOOLS).map(([name, { inputSchema = { type: 'object' }, outputSchema }]) => ({ name, inputSchema, outputSchema })) }),
  'tools/call': ({ name }) => TOOLS[name].answer(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: METHODS[method](params) }));
}
