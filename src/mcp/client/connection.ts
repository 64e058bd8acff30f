import type { CallToolResult, Client, LoggingLevel, Progress, Tool } from '@modelcontextprotocol/client';
import type { ProcessEnd } from '../../errors/index.js';
import type { LogLevel, Logger } from '../../log/logger.js';
import { plainLine } from '../../log/plain-line.js';
import { stepCrashed } from '../../plugin/step-errors.js';
import { NEVER_MS } from '../../options/never.js';
import { STEP_PATIENCE_MS } from '../../options/process-clock.js';
import { packageVersion } from '../../files/index.js';
import type { ClientSdk } from '../sdk.js';
import type { McpPluginSettings } from './plugin-options.js';
import { ServerProcess } from './server-process.js';

/** The code with which a server that speaks only revisions from 2026 on refuses the handshake of the earlier ones. */
const UNSUPPORTED_VERSION = -32_022;

export interface ConnectionEvents {
  readonly logger: Logger;
  readonly onToolsChanged: () => void;
  /** Called once, when the process has ended. */
  readonly onEnd: (end: ProcessEnd) => void;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The only part of a call's context that MCP has a place for. The rest is for plugins of this host, not for other programs. */
  readonly traceparent?: string | undefined;
}

/** A started MCP server, after the handshake. */
export class McpConnection {
  private constructor(
    private readonly client: Client,
    private readonly process: ServerProcess,
  ) {}

  /** Starts the server and connects to it. @throws LoadError ERR_CHILD_PROCESS; errors of the SDK */
  static async open(sdk: ClientSdk, settings: McpPluginSettings, events: ConnectionEvents): Promise<McpConnection> {
    try {
      return await McpConnection.#open(sdk, settings, events, 'legacy');
    } catch (error) {
      if ((error as { code?: unknown } | undefined)?.code !== UNSUPPORTED_VERSION) throw error;
      return McpConnection.#open(sdk, settings, events, 'auto');
    }
  }

  static async #open(sdk: ClientSdk, settings: McpPluginSettings, events: ConnectionEvents, mode: 'legacy' | 'auto'): Promise<McpConnection> {
    const process = new ServerProcess(sdk, settings, (line) => events.logger.info(line));
    const client = new sdk.Client({ name: 'aisopod-plugin', version: packageVersion() ?? '0.0.0' }, { versionNegotiation: { mode } });
    client.setNotificationHandler('notifications/tools/list_changed', () => events.onToolsChanged());
    client.setNotificationHandler('notifications/message', ({ params: { level, data } }) =>
      events.logger[LEVELS[level]](plainLine(typeof data === 'string' ? data : JSON.stringify(data))),
    );
    const connection = new McpConnection(client, process);
    try {
      await client.connect(process);
    } catch (error) {
      const { end } = process;
      await process.close();
      throw end === undefined ? error : stepCrashed('register', end, { pluginId: settings.id, cause: error });
    }
    if (process.end === undefined) client.onclose = () => connection.#ended(events);
    else connection.#ended(events);
    return connection;
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** How its process ended; `undefined` while it runs. */
  get end(): ProcessEnd | undefined {
    return this.process.end;
  }

  async listTools(): Promise<readonly Tool[]> {
    return (await this.client.listTools()).tools;
  }

  callTool(name: string, parameters: Record<string, unknown>, { signal, onProgress, traceparent }: CallOptions): Promise<CallToolResult> {
    const options = { signal, timeout: NEVER_MS, ...(onProgress !== undefined && { onprogress: onProgress }) };
    const params = { name, arguments: parameters, ...(traceparent !== undefined && { _meta: { traceparent } }) };
    // Not `client.callTool`: it also checks the answer against the server's own schema, and takes as long as that takes.
    return this.client.request({ method: 'tools/call', params }, options);
  }

  /** Whether the server answers within `ms`, of the time in which it could run. If not, it is killed. */
  async check(ms: number, reason: string): Promise<boolean> {
    const late = new AbortController();
    const cancelDeadline = this.process.clock.deadline(Math.max(1, ms), () => late.abort(), { patienceMs: STEP_PATIENCE_MS });
    const options = { signal: late.signal, timeout: NEVER_MS };
    const answer = this.client.getProtocolEra() === 'modern' ? this.client.listTools(undefined, { ...options, cacheMode: 'refresh' }) : this.client.ping(options);
    try {
      await answer;
      return true;
    } catch {
      this.process.kill(reason);
      return false;
    } finally {
      cancelDeadline();
    }
  }

  /** Ends the server. */
  async close(): Promise<void> {
    await this.process.close();
  }

  #ended({ onEnd }: ConnectionEvents): void {
    if (this.process.end !== undefined) onEnd(this.process.end);
  }
}

const LEVELS: Readonly<Record<LoggingLevel, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  alert: 'error',
  emergency: 'error',
};
