/** What docs/mcp.md tells the users of known clients to write: the official client runs it. */
import { expect, test } from '@jest/globals';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from '@iarna/toml';
import { parseBlocks } from '../../docs/blocks.js';
import { projectRoot, temporaryFolder } from '../../support/fixtures.js';
import { cliProgram, newClient } from '../connect.js';

interface Entry {
  readonly command: string;
  readonly args: readonly string[];
}

const isEntry = (value: unknown): value is Entry => typeof value === 'object' && value !== null && 'command' in value && 'args' in value;

/** The entries anywhere in a configuration. */
function entriesIn(value: unknown): Entry[] {
  if (isEntry(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(entriesIn) : [];
}

const blocks = parseBlocks('docs/mcp.md', readFileSync(path.join(projectRoot, 'docs/mcp.md'), 'utf8'));
const configurations = blocks.flatMap(({ language, text, line }) => {
  if (language === 'json') return entriesIn(JSON.parse(text)).map((entry) => [line, entry] as const);
  if (language === 'toml') return entriesIn(parse(text)).map((entry) => [line, entry] as const);
  const started = / -- (.*)/.exec(text)?.[1]?.split(' ');
  return language !== 'sh' || started === undefined ? [] : [[line, { command: started[0] ?? '', args: started.slice(1) }] as const];
});

test('there are configurations for several clients', () => {
  expect(configurations.length).toBeGreaterThanOrEqual(5);
});

test.each(configurations)('docs/mcp.md:%i', async (_line, { command, args }) => {
  expect([command, args[0], args.at(-1)]).toEqual(['npx', 'aisopod-plugin', '/path/to/plugins']);
  const home = temporaryFolder();
  const started = [cliProgram, ...args.slice(1, -1), path.join(projectRoot, 'build/examples')];
  const client = newClient();
  await client.connect(new StdioClientTransport({ command: process.execPath, args: started, env: { HOME: home, USERPROFILE: home }, cwd: home, stderr: 'ignore' }));
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('word_stats');
});
