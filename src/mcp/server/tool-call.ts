import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import type { Tool } from '../../capability/kinds/tool.js';
import { PluginError } from '../../errors/index.js';
import type { InvocationContext } from '../../invocation/context.js';
import { monotonicNow } from '../../machine/node-timers.js';
import type { McpHost } from './public.js';
import { partSender } from './stream-parts.js';
import { errorResultOf, resultOf, vetoResultOf } from './tool-result.js';

/** One call of a tool by a client, with the hooks of the host around it. */
export class ToolCall {
  /** For the hooks. */
  readonly #data: Readonly<Record<string, unknown>>;
  /** Of the call, and of the hooks around it. */
  readonly #context: InvocationContext;

  constructor(
    private readonly host: Pick<McpHost, 'dispatch'>,
    private readonly tool: Tool,
    private readonly request: ServerContext,
    private readonly timeoutMs: number | undefined,
  ) {
    this.#context = contextOf(request);
    this.#data = { tool: tool.name, pluginId: tool.pluginId, callId: String(request.mcpReq.id) };
  }

  /** Any failure that the model should see is a result. */
  async run(params: unknown): Promise<CallToolResult> {
    const { signal } = this.request.mcpReq;
    try {
      const { data, vetoed } = await this.host.dispatch('BeforeToolExecute', { ...this.#data, params }, { signal, context: this.#context });
      if (vetoed !== undefined) return vetoResultOf(this.tool.name, vetoed);
      return await this.#call(paramsIn(data, params));
    } catch (error) {
      if (error instanceof PluginError) return errorResultOf(error);
      throw error;
    }
  }

  async #call(params: unknown): Promise<CallToolResult> {
    const start = monotonicNow();
    const over = (outcome: object): void => this.#tellHooks({ ...this.#data, params, ...outcome, durationMs: monotonicNow() - start });
    const { signal } = this.request.mcpReq;
    try {
      const options = { signal, timeoutMs: this.timeoutMs, context: this.#context, ...partSender(this.request) };
      const result = await this.tool.call(params, options);
      over({ result });
      return resultOf(this.tool, result);
    } catch (error) {
      if (error instanceof PluginError) over({ isError: true, error: error.message });
      throw error;
    }
  }

  /** The client does not wait for these: they cannot change the answer. */
  #tellHooks(data: object): void {
    void this.host.dispatch('AfterToolExecute', data, { context: this.#context }).catch(() => undefined);
  }
}

/** As W3C writes it. A client may send any text, and plugins trust a context. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What plugins may know of the request. */
function contextOf({ sessionId, mcpReq: { id, _meta } }: ServerContext): InvocationContext {
  const traceparent: unknown = _meta?.traceparent;
  return {
    requestId: String(id),
    ...(sessionId !== undefined && { sessionKey: sessionId }),
    ...(typeof traceparent === 'string' && TRACEPARENT.test(traceparent) && { traceparent }),
  };
}

/** The parameters after the hooks, which may have replaced the data. */
function paramsIn(data: unknown, given: unknown): unknown {
  return typeof data === 'object' && data !== null && 'params' in data ? data.params : given;
}
