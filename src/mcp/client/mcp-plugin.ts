import { keepAlive } from '../../options/keep-alive.js';
import type { Plugin, PluginApi, PluginContext, PluginMeta, ReportProcess } from '../../plugin/plugin.js';
import type { PluginEvent } from '../../report/plugin-report.js';
import { loadClientSdk } from '../sdk.js';
import { readPluginOptions, type McpPluginOptions, type McpPluginSettings } from './plugin-options.js';
import { ServerRun } from './server-run.js';

/**
 * Makes a plugin of an MCP server that is started as a process and speaks over its standard input and output: its tools are then in
 * the registry like those of other plugins. A server that crashes or hangs is started again, with growing pauses. Needs the package
 * `@modelcontextprotocol/client`; without it, `register` fails with ERR_MISSING_PACKAGE.
 * @throws LoadError ERR_OPTIONS
 */
export function mcpPlugin(options: McpPluginOptions): Plugin {
  return new McpPlugin(readPluginOptions(options));
}

class McpPlugin implements Plugin {
  readonly id: string;
  readonly meta: PluginMeta;
  #report: ReportProcess = () => undefined;
  /** From `register` to `shutdown`. */
  #run: ServerRun | undefined;

  constructor(private readonly settings: McpPluginSettings) {
    const { id, command, args } = settings;
    this.id = id;
    this.meta = { name: id, version: '0.0.0', description: `MCP server: ${[command, ...args].join(' ')}`, author: '' };
  }

  get events(): readonly PluginEvent[] {
    return this.#run?.events ?? [];
  }

  supervise(report: ReportProcess): void {
    this.#report = report;
  }

  /** Starts the server and registers its tools. */
  async register(api: PluginApi): Promise<void> {
    await this.#run?.close('retired');
    const release = keepAlive();
    try {
      const run = (this.#run = new ServerRun(await loadClientSdk(), this.settings, this.#report));
      await run.register(api);
    } catch (error) {
      await this.#run?.close('failed');
      throw error;
    } finally {
      release();
    }
  }

  init({ logger }: PluginContext): void {
    this.#run?.open(logger);
  }

  async shutdown(): Promise<void> {
    const release = keepAlive();
    await this.#run?.close('retired');
    release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
