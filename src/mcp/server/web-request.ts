import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MAX_MESSAGE_BYTES } from './limits.js';

/** The body of a request is larger than MAX_MESSAGE_BYTES. */
export class TooLargeError extends Error {
  constructor() {
    super(`Too large: a message may have ${MAX_MESSAGE_BYTES} bytes`);
  }
}

interface WebRequest {
  readonly request: Request;
  /** The body, parsed; `undefined` if it is not JSON. */
  readonly body: unknown;
}

/** Node's request as a web-standard one, which is aborted when its connection is closed. @throws TooLargeError */
export async function readRequest(incoming: IncomingMessage, outgoing: ServerResponse): Promise<WebRequest> {
  const gone = new AbortController();
  outgoing.on('close', () => gone.abort());
  const { method = 'GET', headers, url = '/' } = incoming;
  const text = method === 'POST' ? await textOf(incoming) : undefined;
  const request = new Request(`http://${headers.host}${url}`, {
    method,
    headers: Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((each): [string, string] => [name, each])),
    signal: gone.signal,
    ...(text !== undefined && { body: text }),
  });
  return { request, body: jsonOf(text) };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  // The connection stays open, for the answer.
  for await (const piece of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_MESSAGE_BYTES) throw new TooLargeError();
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function jsonOf(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Resolves when the response has been sent; for a stream of events, when it has ended. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders(); // the first event may come much later
  await pipeline(Readable.fromWeb(response.body), outgoing);
}
