import type { Readable, Writable } from 'node:stream';
import type { PluginHost } from '../../host/plugin-host.js';

/* The types of the public API. Their declarations must not lead to those of the SDK, which need not be installed. */

/** What a server uses of a host: a `PluginHost` is one. */
export type McpHost = Pick<PluginHost, 'tools' | 'find' | 'dispatch' | 'on' | 'off'>;

/**
 * Offers the tools of a host to clients of the Model Context Protocol. Clients are told when the tools change. Closing it ends
 * its connections, not the host.
 */
export interface McpServer extends AsyncDisposable {
  /**
   * Serves one client over standard input and output, or over other streams.
   * @throws LoadError ERR_MISSING_PACKAGE
   */
  serveStdio(streams?: McpStdioStreams): Promise<McpStdioConnection>;
  /**
   * Serves clients over Streamable HTTP on 127.0.0.1, at the path `/mcp`. Requests with a `Host` or `Origin` that is not of this
   * machine are refused, and so are those without the token. @throws LoadError ERR_OPTIONS, ERR_IO
   */
  listen(options?: McpHttpOptions): Promise<McpHttpServer>;
  /**
   * Answers one request of Streamable HTTP, for a host that has an HTTP server. That server must check `Host`, `Origin` and who
   * sends it.
   */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** Where the messages come from and go to. */
export interface McpStdioStreams {
  /** Default: standard input. */
  readonly input?: Readable;
  /** Default: standard output, which then belongs to the protocol: all else that is printed goes to standard error. */
  readonly output?: Writable;
}

/** A client that is served over two streams. */
export interface McpStdioConnection {
  /** Resolves when the client has closed its end, or `close` was called. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface McpHttpOptions {
  /** Default 0: the system chooses one. */
  readonly port?: number;
  /** What clients send as `Authorization: Bearer …`; `false`: any program on this machine may call. Default: a random token. */
  readonly token?: string | false;
}

export interface McpHttpServer {
  /** For example `http://127.0.0.1:8808/mcp`. */
  readonly url: string;
  /** `undefined` if there is none. */
  readonly token: string | undefined;
  close(): Promise<void>;
}
