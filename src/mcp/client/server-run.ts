import { isDeepStrictEqual } from 'node:util';
import { labelOf } from '../../capability/descriptor.js';
import { LoadError, messageOf, type LifecycleError, type ProcessEnd } from '../../errors/index.js';
import { Invoker } from '../../invocation/invoker.js';
import { RestartPolicy } from '../../isolation/supervisor/restart-policy.js';
import { silentLogger, type Logger } from '../../log/logger.js';
import { guardedLogger } from '../../log/guarded-logger.js';
import { withMachineCause } from '../../machine/machine-cause.js';
import { monotonicNow, pause } from '../../machine/node-timers.js';
import type { PluginApi, ReportProcess } from '../../plugin/plugin.js';
import { stepCrashed } from '../../plugin/step-errors.js';
import { PluginRecord } from '../../report/plugin-record.js';
import type { PluginEvent } from '../../report/plugin-report.js';
import type { ClientSdk } from '../sdk.js';
import { McpConnection } from './connection.js';
import { McpDriver, type McpCall } from './mcp-driver.js';
import { namedTools, type OfferedTool } from './offered-names.js';
import type { McpPluginSettings } from './plugin-options.js';
import { descriptorOf } from './tool-descriptor.js';

/** The server of a plugin from `register` to `shutdown`: its processes, one after the other, and the calls of its tools. */
export class ServerRun {
  readonly #driver: McpDriver;
  readonly #invoker: Invoker<OfferedTool, McpCall>;
  readonly #policy: RestartPolicy<ProcessEnd>;
  readonly #record: PluginRecord;
  readonly #stop = new AbortController();
  #logger: Logger = silentLogger;
  #connection: McpConnection | undefined;
  #isOpen = false;
  /** As they were registered. */
  #tools: readonly OfferedTool[] = [];

  constructor(
    private readonly sdk: ClientSdk,
    private readonly settings: McpPluginSettings,
    private readonly report: ReportProcess,
  ) {
    this.#driver = new McpDriver(settings.graceMs);
    this.#invoker = new Invoker(this.#driver);
    this.#policy = new RestartPolicy(settings.restart);
    this.#record = new PluginRecord(settings.id, this.#linesTo());
  }

  get events(): readonly PluginEvent[] {
    return this.#record.events;
  }

  /** Starts the server and registers its tools. @throws LoadError ERR_CHILD_PROCESS; LifecycleError */
  async register(api: Pick<PluginApi, 'registerCapability'>): Promise<void> {
    const [connection, tools] = await this.#connect();
    this.#connection = connection;
    this.#tools = tools;
    for (const offered of tools) {
      const descriptor = descriptorOf(offered);
      const callee = { pluginId: this.settings.id, capability: labelOf(descriptor) };
      api.registerCapability(descriptor, this.#invoker.backendOf(callee, offered));
    }
  }

  /** Accepts calls. @throws LifecycleError ERR_LIFECYCLE_CRASHED if the server has ended since `register` */
  open(logger: Logger): void {
    this.#logger = guardedLogger(logger);
    const end = this.#connection?.end;
    if (end !== undefined) throw this.#crashed('init', end);
    this.#isOpen = true;
    this.#driver.use(this.#connection);
    this.#invoker.open();
  }

  /** Ends the server. */
  async close(state: string): Promise<void> {
    this.#stop.abort();
    this.#invoker.close(state);
    this.#driver.use(undefined);
    await this.#connection?.close();
  }

  async #connect(): Promise<[McpConnection, readonly OfferedTool[]]> {
    const connection: McpConnection = await McpConnection.open(this.sdk, this.settings, {
      logger: this.#linesTo(),
      onToolsChanged: () => this.#record.add('active', 'its tools have changed: disable and enable the plugin to use the new ones'),
      onEnd: (end) => {
        if (this.#isOpen && this.#connection === connection) this.#onEnd(end, this.#driver.during);
      },
    });
    try {
      return [connection, namedTools(await connection.listTools(), this.settings.toolName)];
    } catch (error) {
      const { end } = connection;
      await connection.close();
      throw end === undefined ? error : this.#crashed('register', end);
    }
  }

  #onEnd(how: ProcessEnd, during: string): void {
    if (this.#stop.signal.aborted) return;
    // If the host killed it, or it could not be started, that is known already.
    const end = how.ending === undefined && how.machine === undefined ? withMachineCause(how, during === 'idle') : how;
    this.#connection = undefined;
    this.#driver.use(undefined);
    const nextInMs = this.#policy.next(end, monotonicNow(), end.machine === undefined);
    const next = nextInMs === undefined ? '; it is not started again' : `; it is started again in ${Math.round(nextInMs)} ms`;
    this.#record.add('active', `its server ${end.reason}${during === 'idle' ? ' while idle' : ` during ${during}`}${next}`);
    if (nextInMs === undefined) this.#invoker.close('quarantined, since its server kept ending');
    this.report(nextInMs === undefined ? 'quarantine' : 'crash', this.#crashed(during, end));
    if (nextInMs !== undefined) void this.#restart(nextInMs);
  }

  async #restart(inMs: number): Promise<void> {
    const { signal } = this.#stop;
    await pause(inMs, { ref: false, signal });
    if (signal.aborted) return;
    try {
      const [connection, tools] = await this.#connect();
      if (signal.aborted) return await connection.close();
      if (!isDeepStrictEqual(tools, this.#tools)) this.#record.add('active', 'it has other tools than before: disable and enable the plugin to use them');
      this.#connection = connection;
      this.#driver.use(connection);
      this.report('comeBack');
      if (connection.end !== undefined) this.#onEnd(connection.end, 'idle');
    } catch (error) {
      const machine = error instanceof LoadError && error.code === 'ERR_CHILD_PROCESS' ? ('start' as const) : undefined;
      this.#onEnd({ exitCode: null, signal: null, reason: `could not be started: ${messageOf(error)}`, machine }, 'idle');
    }
  }

  #crashed(operation: string, end: ProcessEnd): LifecycleError {
    return stepCrashed(operation, end, { pluginId: this.settings.id });
  }

  /** The plugin's logger, which it gets at `init`. */
  #linesTo(): Logger {
    return {
      debug: (message, fields) => this.#logger.debug(message, fields),
      info: (message, fields) => this.#logger.info(message, fields),
      warn: (message, fields) => this.#logger.warn(message, fields),
      error: (message, fields) => this.#logger.error(message, fields),
    };
  }
}
