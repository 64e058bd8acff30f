import { Buffer } from 'node:buffer';
import { InvocationError, messageOf } from '../errors/index.js';
import { configReader } from '../host/plugin-config.js';
import { DynamicPluginLoader } from '../loader/dynamic-plugin-loader.js';
import { ProcessLoader } from '../isolation/proxy/process-loader.js';
import { PluginRegistry } from '../registry/plugin-registry.js';
import type { Candidate } from '../scan/index.js';
import { candidateNamed } from './candidate-named.js';
import { Exit, RefusedError, SCAN_HELP, SCAN_OPTIONS, UsageError, flag, operand, text, texts, type Arguments, type CliCommand, type ExitCode } from './command.js';
import { consoleLogger } from './console-logger.js';
import { interruptible } from './interruptible.js';
import { requireHome } from './require-home.js';
import { printError, jsonText, printJson, type Terminal } from './terminal.js';

export const call: CliCommand = {
  name: 'call',
  operands: "<folder or id> <tool> ['<json>']",
  summary: 'load a plugin, call one of its tools, and shut it down; prints streamed chunks as they arrive',
  options: {
    ...SCAN_OPTIONS,
    config: { type: 'string' },
    timeout: { type: 'string' },
    'data-dir': { type: 'string' },
    verbose: { type: 'boolean' },
    env: { type: 'string', multiple: true },
    'in-process': { type: 'boolean' },
  },
  optionHelp: [
    ['--config JSON', "the plugin's configuration (default: {})"],
    ['--timeout MS', 'deadline for the call, in milliseconds (default: 60000)'],
    ['--data-dir FOLDER', "the parent of the plugin's data folder (default: ~/.aisopod/data)"],
    ['--verbose', "print everything that the plugin logs or prints (default: only its warnings and errors)"],
    ['--env NAME', 'pass this environment variable to the plugin, in addition to PATH, HOME and the like; repeatable'],
    ['--in-process', 'load the plugin into this process, for example to debug it (default: in a child process)'],
    ...SCAN_HELP,
  ],
  examples: [`aisopod-plugin call ./build/weather forecast '{"city": "Graz"}'`, `aisopod-plugin call weather forecast --json`],
  arity: [2, 3],
  async run(args, terminal) {
    if (text(args, 'data-dir') === undefined) requireHome('--data-dir');
    const wanted: Wanted = {
      tool: operand(args, 1),
      params: parse(operand(args, 2) || '{}', 'the parameters'),
      config: parse(text(args, 'config') ?? '{}', '--config'),
      timeoutMs: milliseconds(text(args, 'timeout')),
    };
    const candidate = await candidateNamed(operand(args, 0), args);
    return interruptible((signal) => callUntil(signal, candidate, wanted, args, terminal));
  },
};

interface Wanted {
  readonly tool: string;
  readonly params: unknown;
  readonly config: unknown;
  readonly timeoutMs: number | undefined;
}

async function callUntil(signal: AbortSignal, candidate: Candidate, wanted: Wanted, args: Arguments, terminal: Terminal): Promise<ExitCode> {
  try {
    await callTool(signal, candidate, wanted, args, terminal);
    return Exit.DONE;
  } catch (error) {
    if (!signal.aborted || !(error instanceof InvocationError)) throw error;
    printError(terminal, 'interrupted');
    return Exit.INTERRUPTED;
  }
}

async function callTool(signal: AbortSignal, candidate: Candidate, wanted: Wanted, args: Arguments, terminal: Terminal): Promise<void> {
  const logger = consoleLogger(terminal, flag(args, 'verbose'));
  // This command is not a real host, so use any version that the manifest accepts.
  const { minHostVersion, maxHostVersion } = candidate.manifest.compatibility;
  const hostVersion = text(args, 'host-version') ?? minHostVersion ?? maxHostVersion ?? '1.0.0';
  const config = (await configReader(candidate))(wanted.config);
  const loader = flag(args, 'in-process')
    ? new DynamicPluginLoader({ hostVersion, logger, pluginDirs: [] })
    : new ProcessLoader({ hostVersion, logger, restart: { most: 0 }, inheritEnv: texts(args, 'env') ?? [] });
  const dataDir = text(args, 'data-dir');
  await using registry = new PluginRegistry({ hostVersion, logger, configOf: () => config, ...(dataDir !== undefined && { dataDir }) });
  await registry.register(await loader.loadPlugin(candidate));
  await registry.init(candidate.id);
  const tool = registry.tool(wanted.tool);
  if (tool === undefined) {
    const names = registry.capabilities('tool').map(({ name }) => name).sort();
    throw new RefusedError(`plugin ${candidate.id} has no tool ${wanted.tool} (it has: ${names.join(', ') || 'none'})`);
  }
  const { onChunk, print } = flag(args, 'json') ? collecting(terminal) : streaming(terminal);
  print(await tool.call(wanted.params, { signal, timeoutMs: wanted.timeoutMs, onChunk }));
}

interface Printer {
  readonly onChunk: (chunk: unknown) => void;
  readonly print: (result: unknown) => void;
}

/** Prints each chunk on its own line as it arrives, then the result. */
const streaming = (terminal: Terminal): Printer => ({
  onChunk: (chunk) => terminal.out.line(jsonText(asJson(chunk))),
  print: (result) => printJson(terminal, result),
});

function collecting(terminal: Terminal): Printer {
  const chunks: unknown[] = [];
  return { onChunk: (chunk) => void chunks.push(asJson(chunk)), print: (result) => printJson(terminal, { chunks, result }) };
}

const asJson = (chunk: unknown): unknown =>
  chunk instanceof Uint8Array ? { base64: Buffer.from(chunk).toString('base64') } : chunk;

function parse(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`${what} must be JSON: ${messageOf(error)}`);
  }
}

function milliseconds(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(given)) return Number(given);
  throw new UsageError(`--timeout must be a number of milliseconds, not ${given}`);
}
