import type { PluginHostOptions } from '../host/host-options.js';
import { PluginHost } from '../host/plugin-host.js';
import { createMcpServer } from '../mcp/server/create-mcp-server.js';
import { isToken, TOKEN_EXPECTED } from '../mcp/server/http-server.js';
import type { McpServer } from '../mcp/server/public.js';
import { takeStandardOutput } from '../mcp/server/take-standard-output.js';
import { loadServerSdk } from '../mcp/sdk.js';
import { foldersOf } from './candidate-named.js';
import { Exit, RefusedError, SCAN_HELP, SCAN_OPTIONS, UsageError, flag, text, texts, type Arguments, type CliCommand, type ExitCode } from './command.js';
import { CONFIG_OPTION, readConfig } from './config-option.js';
import { consoleLogger } from './console-logger.js';
import { interruptible } from './interruptible.js';
import { requireHome } from './require-home.js';
import { SANDBOX_HELP, SANDBOX_OPTIONS, sandboxOptions } from './sandbox.js';
import type { Terminal } from './terminal.js';

const { dir: DIR, 'host-version': HOST_VERSION } = SCAN_OPTIONS;
const [DIR_HELP] = SCAN_HELP;

export const mcp: CliCommand = {
  name: 'mcp',
  operands: '',
  summary: 'serve the tools of the plugins to clients of the Model Context Protocol, over stdio or HTTP',
  options: {
    dir: DIR,
    'host-version': HOST_VERSION,
    http: { type: 'string' },
    'no-token': { type: 'boolean' },
    ...CONFIG_OPTION,
    timeout: { type: 'string' },
    'data-dir': { type: 'string' },
    verbose: { type: 'boolean' },
    env: { type: 'string', multiple: true },
    'in-process': { type: 'boolean' },
    ...SANDBOX_OPTIONS,
  },
  optionHelp: [
    DIR_HELP,
    ['--host-version VERSION', 'the version that plugins are told and that manifests must accept (default: 1.0.0)'],
    ['--http PORT', 'serve Streamable HTTP on 127.0.0.1 instead of stdio; 0: any free port'],
    ['--no-token', 'with --http: any program on this machine may call (default: the token in AISOPOD_MCP_TOKEN, or a random one)'],
    ['--config JSON', 'the configuration of the plugins, by id, or a file that contains it (default: {})'],
    ['--timeout MS', 'deadline for each call, in milliseconds (default: 60000)'],
    ['--data-dir FOLDER', "the parent of the plugins' data folders (default: ~/.aisopod/data)"],
    ['--verbose', 'print everything that the plugins log or print to standard error (default: only warnings and errors)'],
    ['--env NAME', 'pass this environment variable to the plugins, in addition to PATH, HOME and the like; repeatable'],
    ['--in-process', 'load the plugins into this process, which they can then crash (default: child processes)'],
    ...SANDBOX_HELP,
  ],
  examples: ['aisopod-plugin mcp --dir ./plugins', 'aisopod-plugin mcp --dir ./plugins --http 8808'],
  arity: [0, 0],
  async run(args, terminal) {
    if (text(args, 'data-dir') === undefined) requireHome('--data-dir');
    const serving = await readServing(args);
    await loadServerSdk(); // before anything else is done
    return interruptible((signal) => serve(signal, serving, args, terminal));
  },
};

interface Serving {
  /** Absent for stdio. */
  readonly port: number | undefined;
  readonly token: string | false | undefined;
  readonly timeoutMs: number | undefined;
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** @throws UsageError, RefusedError */
async function readServing(args: Arguments): Promise<Serving> {
  const http = text(args, 'http');
  if (http === undefined && flag(args, 'no-token')) throw new UsageError('--no-token needs --http');
  if (http === undefined && flag(args, 'in-process') && process.platform === 'win32') {
    throw new RefusedError('--in-process over stdio does not work on Windows, where a plugin could print into the protocol: leave it out, or use --http');
  }
  const port = http === undefined ? undefined : number(http, '--http', /^\d{1,5}$/);
  if (port !== undefined && port > 65_535) throw new UsageError(`--http must be a port, not ${http}`);
  const timeout = text(args, 'timeout');
  return {
    port,
    token: flag(args, 'no-token') ? false : port === undefined ? undefined : chosenToken(),
    timeoutMs: timeout === undefined ? undefined : number(timeout, '--timeout', /^[1-9]\d{0,9}$/),
    config: ((await readConfig(args)) ?? {}) as Serving['config'], // the host checks the shape
  };
}

/** The token in the environment. @throws RefusedError, which does not show it */
function chosenToken(): string | undefined {
  const { AISOPOD_MCP_TOKEN: token = '' } = process.env;
  if (token === '') return undefined;
  if (!isToken(token)) throw new RefusedError(`AISOPOD_MCP_TOKEN must be ${TOKEN_EXPECTED}`);
  return token;
}

async function serve(signal: AbortSignal, serving: Serving, args: Arguments, terminal: Terminal): Promise<ExitCode> {
  // Before a plugin is loaded: it may print.
  const output = serving.port === undefined ? takeStandardOutput() : undefined;
  await using host = await PluginHost.open(hostOptions(serving, args, terminal));
  const { timeoutMs } = serving;
  await using server = await createMcpServer(host, timeoutMs === undefined ? {} : { timeoutMs });
  const interrupted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (output === undefined) {
    await serveHttp(server, serving, terminal);
    await interrupted;
    return Exit.DONE;
  }
  const { closed } = await server.serveStdio({ output });
  await Promise.race([closed, interrupted]);
  process.stdin.destroy(); // the process ends when nothing is left to read
  return Exit.DONE;
}

async function serveHttp(server: McpServer, { port, token }: Serving, { err }: Terminal): Promise<void> {
  const { url, token: used } = await server.listen({ ...(port !== undefined && { port }), ...(token !== undefined && { token }) });
  err.line(`serving ${url}`);
  // A token that the user has chosen is not printed.
  if (used !== undefined && token === undefined) err.line(`token: ${used}`);
}

function hostOptions({ config }: Serving, args: Arguments, terminal: Terminal): PluginHostOptions {
  const dataDir = text(args, 'data-dir');
  return {
    pluginDirs: foldersOf(args),
    hostVersion: text(args, 'host-version') ?? '1.0.0',
    logger: consoleLogger(terminal, flag(args, 'verbose')),
    isolation: flag(args, 'in-process') ? 'in-process' : 'process',
    processes: { inheritEnv: texts(args, 'env') ?? [] },
    config,
    ...sandboxOptions(args),
    ...(dataDir !== undefined && { dataDir }),
  };
}

function number(given: string, option: string, pattern: RegExp): number {
  if (pattern.test(given)) return Number(given);
  throw new UsageError(`${option} must be a number, not ${given}`);
}
