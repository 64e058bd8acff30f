/** `aisopod-plugin mcp`, with the official client at the other end. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import path from 'node:path';
import { until } from '../../support/host.js';
import { cli } from '../../cli/cli.js';
import { folderOf, projectRoot, temporaryFolder, testWhere, withFetch } from '../../support/fixtures.js';
import { cliProgram, connectOverHttp, connectToCommand, ERAS, textOf } from '../connect.js';

const examples = path.join(projectRoot, 'build/examples');

/** A plugin folder with copies of these examples: each one that is loaded costs a process. */
function examplesOf(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) cpSync(path.join(examples, name), path.join(folder, name), { recursive: true });
  return folder;
}

/** A call of each tool of the example plugins, and its answer. */
const CALLS: Readonly<Record<string, readonly [params: Record<string, unknown>, answer: object]>> = {
  clean_up: [{}, { approved: false, deleted: [] }], // its folder is empty, so there is nothing to ask for
  find_text: [{ text: 'needle' }, { matches: [], files: 0 }], // so is its folder
  hash: [{ text: 'abc', algorithm: 'sha256' }, { hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' }],
  parse_csv: [{ text: 'a,b' }, { rows: [['a', 'b']] }],
  render_template: [{ template: 'Hello, {{.}}', data: 'Ada' }, { text: 'Hello, Ada' }],
  word_stats: [{ text: 'to be or not to be' }, { bytes: 18, lines: 1, words: 6, longest: ['not', 'to', 'be', 'or'] }],
};

test.each(ERAS)('the tools of every example plugin are listed and called (%s era)', async (era) => {
  const { client } = await connectToCommand(['--dir', examples, '--grant', 'all'], era);
  const { tools } = await client.listTools();
  // Those in Rust, Zig and Go are built only where there is a compiler.
  const names = Object.keys(CALLS).filter((name) => existsSync(path.join(examples, name.replaceAll('_', '-'))));
  expect(tools.map(({ name }) => name).sort()).toEqual(names);
  expect(tools.find(({ name }) => name === 'word_stats')).toMatchObject({ inputSchema: { type: 'object', properties: { text: { type: 'string' } } } });
  for (const name of names) {
    const [params, answer] = CALLS[name] ?? [{}, {}];
    const result = await client.callTool({ name, arguments: params });
    expect(result).toMatchObject({ structuredContent: answer });
    expect(result.isError).toBeUndefined();
  }
});

test('what word-stats streams while it counts arrives', async () => {
  const { client } = await connectToCommand(['--dir', examplesOf('word-stats')]);
  const logged: unknown[] = [];
  client.setNotificationHandler('notifications/message', ({ params }) => void logged.push(params.data));
  await client.callTool({ name: 'word_stats', arguments: { text: 'word '.repeat(20_000) } });
  await until(() => logged.length > 0);
  expect(logged[0]).toMatchObject({ words: expect.any(Number) });
});

test('the guard among the examples vetoes a call with a secret', async () => {
  const { client } = await connectToCommand(['--dir', examplesOf('word-stats', 'guard')]);
  const vetoed = await client.callTool({ name: 'word_stats', arguments: { text: 'my key is AKIAIOSFODNN7EXAMPLE' } });
  expect(vetoed.isError).toBe(true);
  expect(textOf(vetoed)).toContain('plugin guard vetoed it');
});

describe('standard output is the protocol alone, whatever a plugin prints', () => {
  const testInProcess = testWhere(process.platform !== 'win32', 'Windows refuses --in-process over stdio');

  async function printsNothing(args: readonly string[]): Promise<void> {
    const { client, stderr } = await connectToCommand(['--dir', folderOf('prints', 'good-c'), '--verbose', ...args]);
    const errors: Error[] = [];
    client.onerror = (error) => void errors.push(error);
    expect(await client.callTool({ name: 'print' })).toMatchObject({ structuredContent: { printed: true } });
    expect(textOf(await client.callTool({ name: 'echo', arguments: { a: 1 } }))).toBe('{"a":1}');
    expect(errors).toEqual([]);
    expect(stderr()).toContain('printedIn');
    await client.close();
  }

  test('in a child process', () => printsNothing([]));
  testInProcess('in the process of the command', () => printsNothing(['--in-process']));

  testInProcess('each line that the command prints is a message', async () => {
    const child = spawn(process.execPath, [cliProgram, 'mcp', '--in-process', '--dir', folderOf('prints'), '--data-dir', temporaryFolder()], { env: { ...process.env, NODE_OPTIONS: '' } });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.includes('\n')) child.stdin.end();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const initialize = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'by-hand', version: '1' } };
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'one', method: 'initialize', params: initialize })}\n`);
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
    const messages = out.trim().split('\n').map((line) => JSON.parse(line) as { id: string });
    expect(messages.map(({ id }) => id)).toEqual(['one']);
    for (const where of ['create', 'register', 'init', 'shutdown']) expect(err).toContain(`"printedIn":"${where}"`);
  });
});

test('it ends when its client does', async () => {
  const { client, pid } = await connectToCommand(['--dir', folderOf('good-c')]);
  expect(pid).toBeGreaterThan(0);
  await client.close(); // kills only what does not end by itself, after two seconds
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a plugin that cannot be loaded is named on standard error, and the others serve', async () => {
  const { client, stderr } = await connectToCommand(['--dir', folderOf('good-c', 'truncated')]);
  expect((await client.listTools()).tools.length).toBeGreaterThan(5);
  expect(stderr()).toContain('plugin truncated: not a loadable library');
});

describe('over HTTP', () => {
  interface Served {
    readonly url: string;
    readonly token: string | undefined;
    readonly stop: () => Promise<number | null>;
  }

  const started: ChildProcess[] = [];
  afterAll(() => started.forEach((child) => void child.kill('SIGKILL')));

  async function serve(args: readonly string[], env: Record<string, string> = {}): Promise<Served> {
    const child = spawn(process.execPath, [cliProgram, 'mcp', '--http', '0', '--data-dir', temporaryFolder(), ...args], {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    let printed = '';
    const ready = new Promise<string>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        if (/^serving .*\n/m.test(printed) && (args.includes('--no-token') || env.AISOPOD_MCP_TOKEN !== undefined || /^token: .*\n/m.test(printed))) resolve(printed);
      });
      void closed.then(() => resolve(printed));
    });
    const text = await ready;
    const stop = (): Promise<number | null> => {
      child.kill('SIGTERM');
      return closed;
    };
    return { url: /^serving (.*)$/m.exec(text)?.[1] ?? `nothing was served: ${text}`, token: /^token: (.*)$/m.exec(text)?.[1], stop };
  }

  withFetch('it prints its address and its token, and ends at SIGTERM', async () => {
    const { url, token, stop } = await serve(['--dir', examples]);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    for (const era of ERAS) {
      const client = await connectOverHttp(url, token, era);
      expect(await client.callTool({ name: 'word_stats', arguments: { text: 'one two' } })).toMatchObject({ structuredContent: { words: 2 } });
    }
    await expect(connectOverHttp(url, undefined)).rejects.toThrow('Unauthorized');
    expect(await stop()).toBe(process.platform === 'win32' ? null : 0);
  });

  withFetch('a token from the environment is used and not printed; --no-token asks for none', async () => {
    const secret = 'a-token-of-the-user-1234';
    const chosen = await serve(['--dir', examples], { AISOPOD_MCP_TOKEN: secret });
    expect(chosen.token).toBeUndefined();
    expect((await (await connectOverHttp(chosen.url, secret)).listTools()).tools.length).toBeGreaterThan(0);
    await chosen.stop();
    const open = await serve(['--dir', examples, '--no-token'], { AISOPOD_MCP_TOKEN: secret });
    expect((await (await connectOverHttp(open.url, undefined)).listTools()).tools.length).toBeGreaterThan(0);
    await open.stop();
  });
});

test.each(['short', 'a token with spaces'])('a token in the environment that cannot be used is refused by its name, and not printed: %j', async (token) => {
  const { code, stderr } = await cli(['mcp', '--http', '0', '--dir', examples], { env: { AISOPOD_MCP_TOKEN: token } });
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'AISOPOD_MCP_TOKEN must be 16 characters or more without spaces\n' });
});

test.each([
  [['--http', 'x'], '--http must be a number'],
  [['--http', '70000'], '--http must be a port'],
  [['--no-token'], '--no-token needs --http'],
  [['--timeout', '0'], '--timeout must be a number'],
  [['--config', '{'], '--config must be JSON'],
  [['operand'], 'usage: aisopod-plugin mcp'],
])('%j is wrong usage', async (args, message) => {
  const { code, stdout, stderr } = await cli(['mcp', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});
