import type { ServerSdk } from '../sdk.js';
import { loadServerSdk } from '../sdk.js';
import { HttpEndpoint } from './http-endpoint.js';
import { listen, readHttpOptions } from './http-server.js';
import { OfferedTools, requireHost } from './offered-tools.js';
import type { McpHost, McpHttpOptions, McpHttpServer, McpServer, McpStdioConnection, McpStdioStreams } from './public.js';
import { readServerOptions, type McpServerOptions, type McpServerSettings } from './server-options.js';
import { Sessions } from './sessions.js';
import { serveOverStdio } from './stdio.js';

/**
 * Makes an MCP server of a host. Needs the package `@modelcontextprotocol/server`.
 * @throws LoadError ERR_MISSING_PACKAGE if it is not installed, ERR_OPTIONS
 */
export async function createMcpServer(host: McpHost, options: McpServerOptions = {}): Promise<McpServer> {
  requireHost(host);
  const settings = readServerOptions(options);
  return new HostMcpServer(await loadServerSdk(), host, settings);
}

class HostMcpServer implements McpServer {
  readonly #tools: OfferedTools;
  readonly #sessions: Sessions;
  readonly #endpoint: HttpEndpoint;
  /** What `close` ends, beside the sessions. */
  readonly #open = new Set<{ close(): Promise<void> }>();

  constructor(sdk: ServerSdk, host: McpHost, settings: McpServerSettings) {
    this.#tools = new OfferedTools(host, settings.offers, () => {
      this.#sessions.announceChange();
      this.#endpoint.announceChange();
    });
    this.#sessions = new Sessions(sdk, host, this.#tools, settings);
    this.#endpoint = new HttpEndpoint(sdk, this.#sessions);
  }

  async serveStdio(streams: McpStdioStreams = {}): Promise<McpStdioConnection> {
    return this.#keep(await serveOverStdio(this.#sessions.makeLasting, streams));
  }

  async listen(options: McpHttpOptions = {}): Promise<McpHttpServer> {
    return this.#keep(await listen(this.#endpoint, readHttpOptions(options)));
  }

  fetch(request: Request): Promise<Response> {
    return this.#endpoint.fetch(request);
  }

  async close(): Promise<void> {
    this.#tools.close();
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all([...open.map((each) => each.close()), this.#endpoint.close()]);
    await this.#sessions.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #keep<T extends { close(): Promise<void> }>(open: T): T {
    this.#open.add(open);
    return open;
  }
}
