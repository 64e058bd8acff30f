import { PluginError, messageOf } from '../errors/index.js';
import { DynamicPluginLoader } from '../loader/dynamic-plugin-loader.js';
import { PluginRegistry } from '../registry/plugin-registry.js';
import type { Candidate } from '../scan/index.js';
import { Exit, SCAN_HELP, SCAN_OPTIONS, UsageError, flag, operand, text, type Arguments, type Command } from './command.js';
import { consoleLogger } from './console-logger.js';
import { printJson } from './table.js';
import { printLine, type Terminal } from './terminal.js';
import { candidateNamed } from './candidate-named.js';

export const call: Command = {
  name: 'call',
  operands: "<folder or id> <tool> '<json>'",
  summary: 'load a plugin, call one of its tools, shut it down; streamed chunks are printed as they come',
  options: { ...SCAN_OPTIONS, config: { type: 'string' }, timeout: { type: 'string' }, verbose: { type: 'boolean' } },
  optionHelp: [
    ['--config JSON', "the plugin's configuration"],
    ['--timeout MS', 'how long the call may take (default 60000)'],
    ['--verbose', 'print what the plugin logs'],
    ...SCAN_HELP,
  ],
  examples: [`aisopod-plugin call ./build/weather forecast '{"city": "Graz"}'`, `aisopod-plugin call weather forecast '{}' --json`],
  arity: [2, 3],
  async run(args, terminal) {
    const candidate = await candidateNamed(operand(args, 0), args);
    if (candidate === undefined) {
      printLine(terminal.err, `no plugin ${operand(args, 0)} that could be loaded; see: aisopod-plugin list`);
      return Exit.REFUSED;
    }
    const params = parse(operand(args, 2) || '{}', 'the parameters');
    try {
      await callTool(candidate, operand(args, 1), params, args, terminal);
      return Exit.DONE;
    } catch (error) {
      report(error, args, terminal);
      return Exit.REFUSED;
    }
  },
};

async function callTool(candidate: Candidate, name: string, params: unknown, args: Arguments, terminal: Terminal): Promise<void> {
  // Any version that the manifest takes will do: here there is no host to be too old or too new.
  const { minHostVersion, maxHostVersion } = candidate.manifest.compatibility;
  const hostVersion = text(args, 'host-version') ?? minHostVersion ?? maxHostVersion ?? '1.0.0';
  const logger = consoleLogger(terminal, flag(args, 'verbose'));
  const config = parse(text(args, 'config') ?? '{}', '--config') as Record<string, unknown>;
  const loader = new DynamicPluginLoader({ hostVersion, logger, pluginDirs: [] });
  await using registry = new PluginRegistry({ hostVersion, logger, configOf: () => config });
  await registry.register(await loader.loadPlugin(candidate));
  await registry.init(candidate.id);
  const tool = registry.tool(name);
  if (tool === undefined) throw new UsageError(`${candidate.id} has no tool ${name}; it has ${registry.capabilities('tool').map((known) => known.name).join(', ')}`);
  const chunks: unknown[] = [];
  const json = flag(args, 'json');
  const onChunk = (chunk: unknown): void => {
    if (json) chunks.push(chunk);
    else printLine(terminal.out, JSON.stringify(chunk));
  };
  const result = await tool.call(params, { onChunk, ...(text(args, 'timeout') !== undefined && { timeoutMs: Number(text(args, 'timeout')) }) });
  if (json) printJson(terminal, { chunks, result });
  else printJson(terminal, result);
}

function parse(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`${what} must be JSON: ${messageOf(error)}`);
  }
}

function report(error: unknown, args: Arguments, terminal: Terminal): void {
  if (error instanceof UsageError || !(error instanceof PluginError)) throw error;
  if (flag(args, 'json')) printJson(terminal, { error: error.toJSON() });
  else {
    printLine(terminal.err, terminal.style('red', `${error.code}: ${error.message}`));
    printLine(terminal.err, `→ ${error.hint}`);
  }
}
