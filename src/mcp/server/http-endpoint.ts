import type { McpHttpHandler } from '@modelcontextprotocol/server';
import type { ServerSdk } from '../sdk.js';
import { HttpSessions } from './http-sessions.js';
import type { Sessions } from './sessions.js';

/**
 * Answers requests of Streamable HTTP of both eras of the protocol: since 2026 each request stands for itself, before it belongs
 * to a session.
 */
export class HttpEndpoint {
  readonly #withoutSession: McpHttpHandler;
  readonly #sessions: HttpSessions;

  constructor(
    private readonly sdk: ServerSdk,
    sessions: Sessions,
  ) {
    this.#withoutSession = sdk.createMcpHandler(sessions.make, { legacy: 'reject' });
    this.#sessions = new HttpSessions(sdk, sessions);
  }

  /** `body` is the request's body if it has been read, and parsed if it is JSON. */
  async fetch(request: Request, body?: unknown): Promise<Response> {
    const parsed = body === undefined ? {} : { parsedBody: body };
    if (await this.sdk.isLegacyRequest(request, body)) return this.#sessions.fetch(request, body);
    return this.#withoutSession.fetch(request, parsed);
  }

  announceChange(): void {
    this.#withoutSession.notify.toolsChanged();
  }

  async close(): Promise<void> {
    await Promise.all([this.#withoutSession.close(), this.#sessions.close()]);
  }
}
