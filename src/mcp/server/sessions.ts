import type { CallToolRequestParams, CallToolResult, Server, ServerContext } from '@modelcontextprotocol/server';
import type { ServerSdk } from '../sdk.js';
import type { OfferedTools } from './offered-tools.js';
import type { McpHost } from './public.js';
import type { McpServerSettings } from './server-options.js';
import { ToolCall } from './tool-call.js';

/** Makes the SDK's server objects, one for each connection, and tells those that are connected when the tools change. */
export class Sessions {
  readonly #connected = new Set<Server>();

  constructor(
    private readonly sdk: ServerSdk,
    private readonly host: McpHost,
    private readonly tools: OfferedTools,
    private readonly settings: McpServerSettings,
  ) {}

  /** A server object for one connection. */
  readonly make = (): Server => {
    const { name, version, instructions } = this.settings;
    const capabilities = { tools: { listChanged: true }, logging: {} };
    const server = new this.sdk.Server({ name, version }, { capabilities, ...(instructions !== undefined && { instructions }) });
    server.setRequestHandler('tools/list', () => ({ tools: this.tools.list() }));
    server.setRequestHandler('tools/call', ({ params }, context) => this.#call(params, context));
    return server;
  };

  /** The same, for a connection that lasts: it is told when the tools change. */
  readonly makeLasting = (): Server => {
    const server = this.make();
    this.#connected.add(server);
    server.onclose = () => this.#connected.delete(server);
    return server;
  };

  announceChange(): void {
    // Fails if the connection is not open yet or has just ended: then the client lists the tools later, or never.
    for (const server of this.#connected) void server.sendToolListChanged().catch(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connected].map((server) => server.close().catch(() => undefined)));
    this.#connected.clear();
  }

  async #call({ name, arguments: parameters = {} }: CallToolRequestParams, context: ServerContext): Promise<CallToolResult> {
    const tool = this.tools.find(name);
    if (tool === undefined) throw new this.sdk.ProtocolError(this.sdk.ProtocolErrorCode.InvalidParams, `there is no tool ${name}`);
    return new ToolCall(this.host, tool, context, this.settings.timeoutMs).run(parameters);
  }
}
