/** A tool call through `aisopod-plugin mcp`, with the official client at the other end, beside the same call in a host. */
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { againAsync, together } from '../measure.mjs';
import { ONE_PLUGIN, PLUGIN_ID } from '../native.mjs';
import { closePeers } from '../peers/index.mjs';
import { ROOT } from '../../setup.mjs';

const PLAN = { roundMs: 20, warmUpRounds: 5, rounds: 41 };
const CASES = [
  { label: '1 KB, one in flight', inFlight: 1 },
  { label: '1 KB, 64 in flight', inFlight: 64 },
];
const TEXT = 'plain text '.repeat(93);
/** What the schema of the tool requires. */
const PARAMETERS = { query: TEXT, limit: 1, places: [] };

// The SDK adds a listener for each message that waits, and Node would warn of many.
EventEmitter.defaultMaxListeners = Infinity;

/** A client of the command, which has the plugin in a child process. */
async function openCommand() {
  const dataDir = mkdtempSync(join(tmpdir(), 'aisopod-bench-mcp-'));
  const args = [join(ROOT, 'dist/cli/main.js'), 'mcp', '--dir', ONE_PLUGIN, '--data-dir', dataDir];
  const client = new Client({ name: 'benchmark', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  const call = async () => {
    const { structuredContent } = await client.callTool({ name: `echo-${PLUGIN_ID}`, arguments: PARAMETERS }, { timeout: 600_000 });
    if (structuredContent?.query !== TEXT) throw new Error('the tool does not answer what it was given');
  };
  const close = async () => {
    await client.close();
    rmSync(dataDir, { recursive: true });
  };
  return { call, close };
}

export async function* rows({ openChild, openPeers }) {
  const { tool, close } = await openChild();
  const echo = tool('echo');
  const command = await openCommand();
  const { mcp } = await openPeers(['mcp']);
  for (const { label, inFlight } of CASES) {
    const run = (call) => againAsync(inFlight === 1 ? call : together(inFlight, call));
    yield {
      name: `through aisopod-plugin mcp, ${label}`,
      unit: 'µs',
      per: inFlight,
      plan: PLAN,
      ours: run(command.call),
      against: [
        { what: 'the same call in a host', goal: null, run: run(() => echo.call(PARAMETERS)) },
        { what: mcp.what, goal: null, skipped: mcp.skipped, run: run(() => mcp.call(TEXT)) },
      ],
    };
  }
  await closePeers({ mcp });
  await command.close();
  await close();
}
