import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { PassThrough } from 'node:stream';
import path from 'node:path';
import type { McpServer } from '../../src/mcp/index.js';
import { afterFile } from '../support/cleanup.js';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';

export type Era = 'legacy' | 'modern';
export const ERAS: readonly Era[] = ['legacy', 'modern'];

/** The official client. It is closed after the tests of the calling file. */
export function newClient(era: Era = 'legacy', options: ClientOptions = {}): Client {
  const mode = era === 'legacy' ? 'legacy' : ({ pin: '2026-07-28' } as const);
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode }, ...options });
  afterFile(() => client.close().catch(() => undefined));
  return client;
}

/** A client of a server in this process, over two streams. */
export async function connectTo(server: McpServer, era: Era = 'legacy', options: ClientOptions = {}): Promise<Client> {
  const [there, back] = [new PassThrough(), new PassThrough()];
  await server.serveStdio({ input: there, output: back });
  const client = newClient(era, options);
  await client.connect(new StdioServerTransport(back, there));
  return client;
}

export const cliProgram = path.join(projectRoot, 'dist/cli/main.js');

/** A folder that is the home of the command line, and where its plugins keep their data. */
const home = temporaryFolder();

export interface CommandClient {
  readonly client: Client;
  /** Everything that the command has printed to standard error. */
  readonly stderr: () => string;
  readonly pid: number;
}

/** A client of `aisopod-plugin mcp`, in a process of its own. */
export async function connectToCommand(args: readonly string[], era: Era = 'legacy', env: Record<string, string> = {}): Promise<CommandClient> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [cliProgram, 'mcp', ...args],
    env: { HOME: home, USERPROFILE: home, ...env },
    cwd: home,
    stderr: 'pipe',
  });
  let printed = '';
  (transport.stderr as PassThrough).setEncoding('utf8').on('data', (text: string) => (printed += text));
  const client = newClient(era);
  try {
    await client.connect(transport);
  } catch (cause) {
    throw new Error(`the command did not answer: ${printed}`, { cause });
  }
  return { client, stderr: () => printed, pid: transport.pid ?? 0 };
}

/** A client over HTTP. */
export async function connectOverHttp(url: string, token: string | undefined, era: Era = 'legacy', options: ClientOptions = {}): Promise<Client> {
  const client = newClient(era, options);
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

export const textOf = (result: { readonly content: readonly { readonly type: string }[] }): string =>
  result.content.map((block) => ('text' in block ? String(block.text) : `(${block.type})`)).join('\n');
