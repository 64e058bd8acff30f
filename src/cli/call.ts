import { InvocationError } from '../errors/index.js';
import { configReader } from '../host/plugin-config.js';
import type { PluginConfig } from '../plugin/config-copy.js';
import type { Candidate } from '../scan/index.js';
import { CALL_KINDS, type Wanted } from './call-kinds.js';
import { readInput } from './call-input.js';
import { collecting, streaming } from './call-printer.js';
import { candidateNamed } from './candidate-named.js';
import { Exit, SCAN_HELP, SCAN_OPTIONS, UsageError, flag, operand, text, type Arguments, type CliCommand, type ExitCode } from './command.js';
import { CONFIG_OPTION, readConfig } from './config-option.js';
import { interruptible } from './interruptible.js';
import { LOAD_HELP, LOAD_OPTIONS, loadFor } from './load.js';
import { requireHome } from './require-home.js';
import { printError, type Terminal } from './terminal.js';

export const call: CliCommand = {
  name: 'call',
  operands: "<folder or id> <tool> ['<json>']",
  summary: 'load a plugin, call one of its tools, commands, hooks or providers, and shut it down; prints streamed chunks as they arrive',
  options: {
    ...SCAN_OPTIONS,
    ...LOAD_OPTIONS,
    kind: { type: 'string' },
    method: { type: 'string' },
    input: { type: 'string' },
    timeout: { type: 'string' },
    ...CONFIG_OPTION,
    'data-dir': { type: 'string' },
  },
  optionHelp: [
    ['--kind KIND', `what to call: ${Object.keys(CALL_KINDS).join(', ')} (default: tool). The JSON of a command is the list of its arguments`],
    ['--method METHOD', 'of a provider: models, chat or health (default: chat)'],
    ['--input FILE', 'read the JSON from a file; - is standard input'],
    ['--timeout MS', 'deadline for the call, in milliseconds (default: 60000; for a hook 5000)'],
    ['--config JSON', "the plugin's configuration, or a file that contains it (default: {})"],
    ['--data-dir FOLDER', "the parent of the plugin's data folder (default: ~/.aisopod/data)"],
    ...LOAD_HELP,
    ...SCAN_HELP,
  ],
  examples: [
    `aisopod-plugin call ./build/weather forecast '{"city": "Graz"}'`,
    'aisopod-plugin call weather forecast --json',
    `aisopod-plugin call guard guard '["list"]' --kind command`,
    'aisopod-plugin call guard BeforeToolExecute --kind hook --input call.json',
  ],
  arity: [2, 3],
  async run(args, terminal) {
    if (text(args, 'data-dir') === undefined) requireHome('--data-dir');
    const given = (await readConfig(args)) ?? {};
    const kind = kindOf(text(args, 'kind') ?? 'tool');
    if (text(args, 'method') !== undefined && kind !== 'provider') throw new UsageError('--method is for a provider');
    const timeoutMs = milliseconds(text(args, 'timeout'));
    const input = await readInput(args, 2, CALL_KINDS[kind].fallback);
    const candidate = await candidateNamed(operand(args, 0), args);
    const config = (await configReader(candidate))(given);
    const wanted = { pluginId: candidate.id, name: operand(args, 1), method: text(args, 'method'), input, timeoutMs };
    return interruptible((signal) => callUntil(candidate, kind, { ...wanted, signal }, config, args, terminal));
  },
};

async function callUntil(
  candidate: Candidate,
  kind: keyof typeof CALL_KINDS,
  wanted: Wanted,
  config: PluginConfig,
  args: Arguments,
  terminal: Terminal,
): Promise<ExitCode> {
  const dataDir = text(args, 'data-dir');
  try {
    await using loaded = await loadFor(candidate, args, terminal, { configOf: () => config, ...(dataDir !== undefined && { dataDir }) });
    const { plugin, registry } = loaded;
    await registry.register(plugin);
    await registry.init(candidate.id);
    const printer = flag(args, 'json') ? collecting(terminal) : streaming(terminal);
    const result = await CALL_KINDS[kind].call(registry, wanted, printer);
    printer.print(result);
    return kind === 'command' && hasFailed(result) ? Exit.REFUSED : Exit.DONE;
  } catch (error) {
    if (!wanted.signal.aborted || !(error instanceof InvocationError)) throw error;
    printError(terminal, 'interrupted');
    return Exit.INTERRUPTED;
  }
}

/** Whether it is the result of a command that has failed. */
const hasFailed = (result: unknown): boolean => typeof result === 'object' && result !== null && Object.hasOwn(result, 'exitCode') && (result as { readonly exitCode: unknown }).exitCode !== 0;

/** @throws UsageError */
function kindOf(given: string): keyof typeof CALL_KINDS {
  if (Object.hasOwn(CALL_KINDS, given)) return given as keyof typeof CALL_KINDS;
  throw new UsageError(`--kind must be one of ${Object.keys(CALL_KINDS).join(', ')}, not ${given}`);
}

function milliseconds(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(given)) return Number(given);
  throw new UsageError(`--timeout must be a number of milliseconds, not ${given}`);
}
