import { randomUUID } from 'node:crypto';
import type { Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server';
import type { ServerSdk } from '../sdk.js';
import { MAX_SESSIONS } from './limits.js';
import { refusal } from './refusal.js';
import type { Sessions } from './sessions.js';

type Transport = WebStandardStreamableHTTPServerTransport;

/** The sessions of clients that speak a revision of the protocol from before 2026. */
export class HttpSessions {
  /** By id; the one that was used last is the last. */
  readonly #open = new Map<string, Transport>();

  constructor(
    private readonly sdk: ServerSdk,
    private readonly sessions: Sessions,
  ) {}

  async fetch(request: Request, given: unknown): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    const options = given === undefined ? {} : { parsedBody: given };
    if (id !== null) {
      const known = this.#use(id);
      return known === undefined ? refusal(404, -32_001, 'Session not found') : known.handleRequest(request, options);
    }
    const body = given === undefined && request.method === 'POST' ? await jsonOf(request.clone()) : given;
    if (!this.sdk.isInitializeRequest(body)) return refusal(400, -32_000, 'Bad Request: the header Mcp-Session-Id is missing');
    return (await this.#begin()).handleRequest(request, options);
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((transport) => transport.close()));
  }

  #use(id: string): Transport | undefined {
    const transport = this.#open.get(id);
    if (transport === undefined) return undefined;
    this.#open.delete(id);
    this.#open.set(id, transport);
    return transport;
  }

  async #begin(): Promise<Transport> {
    const transport: Transport = new this.sdk.WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => this.#add(id, transport),
    });
    transport.onclose = () => void (transport.sessionId !== undefined && this.#open.delete(transport.sessionId));
    const server: Server = this.sessions.makeLasting();
    await server.connect(transport);
    return transport;
  }

  async #add(id: string, transport: Transport): Promise<void> {
    this.#open.set(id, transport);
    const [oldest] = this.#open;
    if (this.#open.size > MAX_SESSIONS && oldest !== undefined) await oldest[1].close();
  }
}

/** `undefined` if it is not JSON. */
const jsonOf = (request: Request): Promise<unknown> => request.json().catch(() => undefined);
