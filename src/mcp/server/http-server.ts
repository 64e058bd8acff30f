import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LoadError, messageOf, systemCode } from '../../errors/index.js';
import { checkedSecret, count, falseOr } from '../../options/fields.js';
import { group } from '../../options/group.js';
import { readOptions } from '../../options/read-options.js';
import { refusalOf } from './http-guard.js';
import type { HttpEndpoint } from './http-endpoint.js';
import type { McpHttpOptions, McpHttpServer } from './public.js';
import { refusal } from './refusal.js';
import { readRequest, sendResponse, TooLargeError } from './web-request.js';

const ADDRESS = '127.0.0.1';
const PATH = '/mcp';

export const TOKEN_EXPECTED = '16 characters or more without spaces';
export const isToken = (value: unknown): boolean => typeof value === 'string' && /^[\x21-\x7e]{16,}$/.test(value);

const httpOptions = group<McpHttpOptions>({
  port: count(0, 65_535),
  token: falseOr(checkedSecret<string>(`${TOKEN_EXPECTED}, or false`, isToken)),
});

/** @throws LoadError ERR_OPTIONS */
export const readHttpOptions = (given: unknown): McpHttpOptions => readOptions(httpOptions, given);

/** Serves `endpoint` on 127.0.0.1. @throws LoadError ERR_IO if the port cannot be opened */
export async function listen(endpoint: HttpEndpoint, { port = 0, token: given }: McpHttpOptions): Promise<McpHttpServer> {
  const token = given === false ? undefined : (given ?? randomBytes(32).toString('base64url'));
  const server = createServer((incoming, outgoing) => void answer(endpoint, token, incoming, outgoing));
  await open(server, port);
  const { port: opened } = server.address() as AddressInfo;
  return { url: `http://${ADDRESS}:${opened}${PATH}`, token, close: () => close(server) };
}

async function open(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, ADDRESS);
    await once(server, 'listening');
  } catch (cause) {
    const advice = systemCode(cause) === 'EADDRINUSE' ? 'Another program uses this port: choose another one, or 0 for any that is free.' : 'Choose another port.';
    throw new LoadError('ERR_IO', { operation: `listen on port ${port}`, reason: messageOf(cause), advice }, { cause });
  }
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function answer(endpoint: HttpEndpoint, token: string | undefined, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  try {
    await sendResponse(await responseTo(endpoint, token, incoming, outgoing), outgoing);
  } catch {
    outgoing.destroy(); // the client has gone
  }
}

async function responseTo(endpoint: HttpEndpoint, token: string | undefined, incoming: IncomingMessage, outgoing: ServerResponse): Promise<Response> {
  const refused = refusalOf(incoming.headers, token);
  if (refused !== undefined) return refused;
  if (incoming.url?.split('?', 1)[0] !== PATH) return refusal(404, -32_000, `Not found: the path is ${PATH}`);
  try {
    const { request, body } = await readRequest(incoming, outgoing);
    return await endpoint.fetch(request, body);
  } catch (error) {
    if (error instanceof TooLargeError) return refusal(413, -32_000, error.message, { Connection: 'close' });
    return refusal(500, -32_603, 'Internal error');
  }
}
