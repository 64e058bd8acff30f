import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { createMcpServer, type McpHttpServer, type McpServer } from '../../../src/mcp/index.js';
import type { PluginHost } from '../../../src/host/plugin-host.js';
import { errorOf, pause, until } from '../../support/host.js';
import { folderOf, withFetch } from '../../support/fixtures.js';
import { open, plain } from '../../host/host.js';
import { connectOverHttp, ERAS, textOf } from '../connect.js';

let host: PluginHost;
let server: McpServer;
let served: McpHttpServer;

beforeAll(async () => {
  host = await open({ isolation: 'process', pluginDirs: [folderOf('good-c', 'cancel-count')], plugins: [plain('first')] });
  server = await createMcpServer(host);
  served = await server.listen();
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Sends what no browser and no client would. */
function send(headers: Record<string, string>, { method = 'POST', body = '', path = '/mcp' } = {}): Promise<Answer> {
  const { port } = new URL(served.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => (text += more));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const bearer = (): Record<string, string> => ({ Authorization: `Bearer ${served.token}` });
const ACCEPT = { Accept: 'application/json, text/event-stream', 'Content-Type': 'application/json' };
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'by-hand', version: '1' } },
});

describe('what is refused before it is read', () => {
  test.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost@evil.example', '169.254.1.1'])('the Host %s', async (name) => {
    expect(await send({ ...bearer(), ...ACCEPT, Host: name }, { body: INITIALIZE })).toMatchObject({ status: 403 });
  });

  test.each(['http://evil.example', 'https://localhost.evil.example', 'null', 'file://', 'http://127.0.0.1.evil.example'])('the Origin %s', async (origin) => {
    expect(await send({ ...bearer(), ...ACCEPT, Origin: origin }, { body: INITIALIZE })).toMatchObject({ status: 403 });
  });

  test.each(['', 'Bearer', 'Bearer wrong', 'Basic x', 'Bearer undefined'])('the Authorization %j', async (authorization) => {
    const { status, headers } = await send({ ...ACCEPT, ...(authorization !== '' && { Authorization: authorization }) }, { body: INITIALIZE });
    expect({ status, asks: headers['www-authenticate'] }).toEqual({ status: 401, asks: 'Bearer' });
  });

  test('another path, and a message without a session', async () => {
    expect(await send({ ...bearer(), ...ACCEPT }, { path: '/', body: INITIALIZE })).toMatchObject({ status: 404 });
    const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(await send({ ...bearer(), ...ACCEPT }, { body: list })).toMatchObject({ status: 400 });
    expect(await send({ ...bearer(), ...ACCEPT, 'Mcp-Session-Id': 'unknown' }, { body: list })).toMatchObject({ status: 404 });
    expect(await send({ ...bearer(), ...ACCEPT }, { body: 'no JSON' })).toMatchObject({ status: 400 });
  });

  test('a message that is too large', async () => {
    expect(await send({ ...bearer(), ...ACCEPT }, { body: `"${'x'.repeat(33 << 20)}"` })).toMatchObject({ status: 413 });
  });
});

test.each(['localhost', '127.0.0.1:1', '[::1]:80'])('the Host %s is of this machine', async (name) => {
  expect(await send({ ...bearer(), ...ACCEPT, Host: name, Origin: 'http://localhost:5173' }, { body: INITIALIZE })).toMatchObject({ status: 200 });
});

describe.each(ERAS)('a client of the %s era', (era) => {
  withFetch('lists and calls tools, with progress', async () => {
    const client = await connectOverHttp(served.url, served.token, era);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'first']));
    expect(textOf(await client.callTool({ name: 'echo', arguments: { a: 1 } }))).toBe('{"a":1}');
    const progress: number[] = [];
    await client.callTool({ name: 'stream', arguments: { count: 4 } }, { onprogress: (each) => void progress.push(each.progress) });
    expect(progress).toEqual([1, 2, 3, 4]);
  });

  withFetch('cancels a call', async () => {
    const client = await connectOverHttp(served.url, served.token, era);
    const entered = async () => ((await client.callTool({ name: 'counts' })).structuredContent as { entered: number }).entered;
    const before = await entered();
    const stop = new AbortController();
    const call = client.callTool({ name: 'work', arguments: { ms: 600_000 } }, { signal: stop.signal, timeout: 900_000 });
    call.catch(() => undefined);
    while ((await entered()) === before) await pause(5);
    stop.abort();
    await expect(call).rejects.toBeDefined();
    // The plugin has one thread, so the next call waits for the end of the cancelled one.
    expect((await client.callTool({ name: 'work', arguments: { ms: 0 } })).isError).toBeUndefined();
  });

  withFetch('is told when the tools change', async () => {
    let told = 0;
    const options = { listChanged: { tools: { autoRefresh: false, onChanged: () => void told++ } } };
    const client = await connectOverHttp(served.url, served.token, era, options);
    await client.listTools();
    await host.disable('first');
    await until(() => told > 0);
    await host.enable('first');
    expect((await client.listTools(undefined, { cacheMode: 'refresh' })).tools.map(({ name }) => name)).toContain('first');
  });
});

test('a session ends with DELETE', async () => {
  const { headers } = await send({ ...bearer(), ...ACCEPT }, { body: INITIALIZE });
  const session = { ...bearer(), ...ACCEPT, 'Mcp-Session-Id': String(headers['mcp-session-id']) };
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'ping' });
  expect(await send(session, { body: ping })).toMatchObject({ status: 200 });
  expect(await send(session, { method: 'DELETE' })).toMatchObject({ status: 200 });
  expect(await send(session, { body: ping })).toMatchObject({ status: 404 });
});

test('sessions are limited: the one that was unused for the longest time ends', async () => {
  const begin = async (): Promise<Record<string, string>> => {
    const { headers } = await send({ ...bearer(), ...ACCEPT }, { body: INITIALIZE });
    return { ...bearer(), ...ACCEPT, 'Mcp-Session-Id': String(headers['mcp-session-id']) };
  };
  const ping = async (session: Record<string, string>): Promise<number> => (await send(session, { body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'ping' }) })).status;
  const [kept, unused] = [await begin(), await begin()];
  for (let i = 0; i < 64; i++) {
    await begin();
    expect(await ping(kept)).toBe(200);
  }
  expect(await ping(unused)).toBe(404);
});

test('a host with an HTTP server of its own hands over requests', async () => {
  const request = new Request('http://gateway.example/mcp', { method: 'POST', headers: ACCEPT, body: INITIALIZE });
  const response = await server.fetch(request);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('"serverInfo"');
});

test('a port that is taken, and options that cannot be used, are refused', async () => {
  const port = Number(new URL(served.url).port);
  expect(await errorOf(server.listen({ port }))).toMatchObject({ code: 'ERR_IO', hint: expect.stringContaining('Another program uses this port') });
  expect(await errorOf(server.listen({ token: 'short' }))).toMatchObject({ code: 'ERR_OPTIONS', option: 'token', message: expect.not.stringContaining('short,') });
  expect(await errorOf(server.listen({ port: -1 }))).toMatchObject({ code: 'ERR_OPTIONS', option: 'port' });
});

withFetch('after close nothing listens', async () => {
  const own = await createMcpServer(host);
  const opened = await own.listen();
  await connectOverHttp(opened.url, opened.token);
  await opened.close();
  await expect(fetch(opened.url)).rejects.toThrow();
  await own.close();
});
