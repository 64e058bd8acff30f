import { z } from 'zod';
import { InvocationError, messageOf, type ErrorContext } from '../errors/index.js';
import { isPath } from '../options/fields.js';
import { NO_CURRENT, currentFolder, pathOption } from '../options/folders.js';
import { optionError } from '../options/option-error.js';
import { cleanArguments } from './arguments.js';
import { labelOf, type CapabilityDescriptor } from './descriptor.js';
import type { Backend, InvokeOptions } from '../invocation/backend.js';
import { callOptionsReader } from './call-options.js';
import { CommandOutput, type OutputChunk } from './command-output.js';
import { readCommandSpec } from './command-spec.js';
import { encodeJson } from './json.js';
import type { Callee } from '../invocation/callee.js';
import { decodeReply } from './reply.js';

/** Asks the host whether a command may run now. `argv` is what it would get. */
export type Authorize = (request: {
  readonly pluginId: string;
  readonly command: string;
  readonly argv: readonly string[];
}) => boolean | Promise<boolean>;

export interface RunOptions extends Pick<InvokeOptions, 'signal' | 'timeoutMs'> {
  /** The folder that relative paths in `argv` are meant from; a relative one starts at the process's. Default: the process's. */
  readonly cwd?: string | undefined;
  /** Gets the output as it comes, in order, before `run` resolves. While a promise it returned is open, the next waits. */
  readonly onOutput?: ((chunk: OutputChunk) => void | Promise<void>) | undefined;
}

export interface CommandResult {
  /** 0 to 255. */
  readonly exitCode: number;
  /** All of the output, as text. */
  readonly stdout: string;
  readonly stderr: string;
}

/** What a person runs on the command line: arguments in, text and an exit code out. */
export interface Command {
  readonly pluginId: string;
  readonly name: string;
  readonly description: string;
  /** One line, such as `greet NAME [EXIT_CODE]`. */
  readonly usage: string;
  /** Whether the host's `authorize` is asked before each run. */
  readonly requiresAuthorization: boolean;
  /**
   * Runs it. `argv` is what follows the command's name: at most 256 arguments of at most 4096 bytes each; control
   * characters other than newline and tab are taken out.
   * @throws InvocationError ERR_INVALID_PARAMETERS, ERR_CALL_DENIED, ERR_INVALID_REPLY, ERR_PAYLOAD_TOO_LARGE over 16 MiB
   * of output, or what the invocation ends with
   */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
}

const Reply = z.object({ exitCode: z.int().min(0).max(255) });

/** @throws Error where the spec is not `{ usage?, requiresAuthorization? }`. */
export function makeCommand(pluginId: string, descriptor: CapabilityDescriptor, backend: Backend, authorize: Authorize): Command {
  const { name, description } = descriptor;
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const { usage = name, requiresAuthorization = false } = readCommandSpec(descriptor.spec);
  const where = { pluginId, step: 'active' } as const;
  const readOptions = callOptionsReader(where, ['onOutput'], ['cwd']);
  return {
    pluginId,
    name,
    description,
    usage,
    requiresAuthorization,
    async run(given, givenOptions = {}) {
      const { cwd: givenCwd, onOutput, ...options } = readOptions(givenOptions);
      const cwd = absoluteCwd(givenCwd, where);
      const argv = cleanArguments(given, callee);
      if (requiresAuthorization) await ask(authorize, name, argv, callee);
      const output = new CommandOutput(callee, onOutput);
      const input = encodeJson({ argv, cwd }, callee);
      const reply = await backend.invoke('run', input, { ...options, onChunk: (chunk) => output.take(chunk) });
      const { exitCode } = decodeReply(reply, Reply, '{"exitCode": 0 to 255}', callee);
      return { exitCode, ...output.text() };
    },
  };
}

/** @throws LoadError ERR_OPTIONS */
function absoluteCwd(given: unknown, where: ErrorContext): string {
  if (given !== undefined && !isPath(given)) throw optionError('cwd', 'a path', given, where);
  if (given !== undefined) return pathOption('cwd', given, where);
  const current = currentFolder();
  if (current === undefined) throw optionError('cwd', `a path, since ${NO_CURRENT}`, given, where);
  return current;
}

/** Anything but a plain yes is a no, a callback that fails included. */
async function ask(authorize: Authorize, command: string, argv: readonly string[], callee: Callee): Promise<void> {
  const { pluginId, capability } = callee;
  const denied = (cause?: unknown): InvocationError =>
    new InvocationError('ERR_CALL_DENIED', { capability, caller: 'the user' }, { pluginId, cause });
  let answer: unknown;
  try {
    answer = await authorize({ pluginId, command, argv });
  } catch (cause) {
    throw denied(new Error(`authorize failed: ${messageOf(cause)}`, { cause }));
  }
  if (answer !== true) throw denied();
}
