import type { Progress } from '@modelcontextprotocol/client';
import { PluginError, messageOf } from '../../errors/index.js';
import type { Driver } from '../../invocation/driver.js';
import { crashed, failed } from '../../invocation/errors.js';
import type { Invocation } from '../../invocation/invocation.js';
import type { McpConnection } from './connection.js';
import type { OfferedTool } from './offered-names.js';
import { answerOf } from './tool-answer.js';

/** An invocation that was started. */
export interface McpCall {
  readonly tool: OfferedTool;
  readonly input: string;
  readonly stop: AbortController;
  /** Set once it was sent. */
  connection?: McpConnection;
}

type McpInvocation = Invocation<McpCall>;

/** Sends invocations to an MCP server, or keeps them until one is connected. */
export class McpDriver implements Driver<OfferedTool, McpCall> {
  /** A server may be called again at any time. */
  readonly isThreadSafe = true;
  readonly maxInputBytes = Infinity;
  readonly #waiting = new Set<McpInvocation>();
  readonly #sent = new Set<McpInvocation>();
  #connection: McpConnection | undefined;
  /** How many times the server is being asked whether it is alive. */
  #checks = 0;

  constructor(private readonly graceMs: number) {}

  /** The call that was sent last and has not been answered. */
  get during(): string {
    return [...this.#sent].at(-1)?.callee.capability ?? 'idle';
  }

  /** Sets the server to call. With `undefined`, invocations wait. */
  use(connection: McpConnection | undefined): void {
    this.#connection = connection;
    this.#flush();
  }

  start(invocation: McpInvocation, tool: OfferedTool, _method: string, input: string): void {
    invocation.run = { tool, input, stop: new AbortController() };
    invocation.keepAlive();
    this.#waiting.add(invocation);
    this.#flush();
  }

  cancel(invocation: McpInvocation, reason: unknown): void {
    this.#waiting.delete(invocation);
    invocation.run?.stop.abort(reason);
    invocation.over(); // MCP does not tell when the server has stopped
  }

  /** A server that also misses a ping hangs. */
  onDeadline({ run, callee }: McpInvocation): void {
    if (run?.connection !== undefined) void this.#check(run.connection, `did not answer within ${this.graceMs} ms after the deadline of ${callee.capability}`);
  }

  /** Meanwhile invocations wait: a server that hangs is killed, and only those that it has got are lost. */
  async #check(connection: McpConnection, reason: string): Promise<void> {
    this.#checks++;
    const isAlive = await connection.check(this.graceMs, reason);
    this.#checks--;
    if (!isAlive && this.#connection === connection) this.#connection = undefined;
    this.#flush();
  }

  #flush(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#checks > 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const invocation of waiting) void this.#send(invocation, connection);
  }

  async #send(invocation: McpInvocation, connection: McpConnection): Promise<void> {
    const { run, callee } = invocation;
    if (run === undefined) return;
    run.connection = connection;
    this.#sent.add(invocation);
    invocation.enter(false);
    invocation.pending();
    try {
      const onProgress = invocation.wantsChunks ? (progress: Progress) => this.#onProgress(invocation, progress) : undefined;
      const result = await connection.callTool(run.tool.tool.name, JSON.parse(run.input) as Record<string, unknown>, {
        signal: run.stop.signal,
        onProgress,
        traceparent: invocation.context?.traceparent,
      });
      invocation.succeed(JSON.stringify(answerOf(result)));
    } catch (error) {
      if (connection.end !== undefined) invocation.fail(crashed(callee, { ...connection.end, during: callee.capability }));
      else invocation.fail(error instanceof PluginError ? error : failed(callee, 'FAILED', messageOf(error), error));
    } finally {
      this.#sent.delete(invocation);
      invocation.over();
    }
  }

  #onProgress(invocation: McpInvocation, progress: Progress): void {
    if (!invocation.isAnswered) invocation.chunk({ tag: 'progress', data: JSON.stringify(progress) });
  }
}
