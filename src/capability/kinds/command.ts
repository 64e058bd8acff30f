import type { InvocationError} from '../../errors/index.js';
import { messageOf, type ErrorContext } from '../../errors/index.js';
import { NO_CURRENT, currentFolder, isPath, pathOption } from '../../options/folders.js';
import { optionError } from '../../options/option-error.js';
import { cleanArguments } from '../arguments.js';
import { labelOf } from '../descriptor.js';
import type { InvokeOptions } from '../../invocation/backend.js';
import { callOptionsReader } from '../call-options.js';
import { CommandOutput, type OutputChunk } from '../command-output.js';
import { readCommandSpec } from '../command-spec.js';
import { contextOf, type CallContext } from '../js/call-context.js';
import { Handle } from '../handle.js';
import type { Authorize, CapabilityContext, Kind } from '../kind.js';
import { DOTTED_NAMES } from '../names.js';
import { encodeJson } from '../json.js';
import type { Callee } from '../../invocation/callee.js';
import { decodeReply, memberOf, readObject } from '../reply.js';
import { denied as callDenied } from '../../invocation/errors.js';

export interface RunOptions extends Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'context'> {
  /** The folder for relative paths in `argv`. A relative `cwd` starts at this process's current folder, which is the default. */
  readonly cwd?: string | undefined;
  /** Gets the output as it arrives, in order, before `run` resolves. If it returns a promise, the next part waits for it. */
  readonly onOutput?: ((chunk: OutputChunk) => void | Promise<void>) | undefined;
}

export interface CommandResult {
  /** 0 to 255. */
  readonly exitCode: number;
  /** All of the output, as text. */
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that people run on the command line: arguments in, text and an exit code out. */
export interface Command {
  readonly pluginId: string;
  readonly name: string;
  readonly description: string;
  /** One line, such as `greet NAME [EXIT_CODE]`. */
  readonly usage: string;
  /** Whether the host's `authorize` is called before each run. */
  readonly requiresAuthorization: boolean;
  /**
   * Runs it. `argv` holds the arguments after the command's name: at most 256, of at most 4096 bytes each. Control characters
   * other than newline and tab are removed.
   * @throws InvocationError ERR_INVALID_PARAMETERS, ERR_CALL_DENIED, ERR_INVALID_REPLY, ERR_PAYLOAD_TOO_LARGE over 16 MiB
   * of output, or the error of the invocation
   */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
}

/** A command in JavaScript. */
export interface CommandDefinition {
  readonly name: string;
  readonly description?: string;
  readonly usage?: string;
  readonly requiresAuthorization?: boolean;
  /** Returns the exit code, 0 to 255; `undefined` means 0. */
  run(
    argv: readonly string[],
    context: CallContext & {
      readonly cwd: string;
      readonly stdout: (text: string) => Promise<void>;
      readonly stderr: (text: string) => Promise<void>;
    },
  ): number | void | Promise<number | void>;
}

export const command = {
  kind: 'command',
  names: DOTTED_NAMES,
  methods: ['run'],
  checkSpec: readCommandSpec,
  makeCapability: makeCommand,
  makeHandle: (target): Command => new CommandHandle(target),
  offer: (definition) => {
    const { name, description = '', usage, requiresAuthorization } = definition;
    return {
      descriptor: { kind: 'command', name, description, spec: { usage, requiresAuthorization } },
      handlers: {
        async run(input, handling) {
          const { argv, cwd } = input as { readonly argv: readonly string[]; readonly cwd: string };
          const stdout = (text: string): Promise<void> => handling.emit('stdout', text);
          const stderr = (text: string): Promise<void> => handling.emit('stderr', text);
          return { exitCode: (await definition.run(argv, { ...contextOf(handling), cwd, stdout, stderr })) ?? 0 };
        },
      },
    };
  },
} as const satisfies Kind<Command, CommandDefinition, 'run'>;

function readExitCode(document: unknown): number | undefined {
  const reply = readObject(document);
  const exitCode = reply && memberOf(reply, 'exitCode');
  return Number.isInteger(exitCode) && (exitCode as number) >= 0 && (exitCode as number) <= 255 ? (exitCode as number) : undefined;
}

/** @throws Error if the spec is not `{ usage?, requiresAuthorization? }` */
export function makeCommand({ pluginId, descriptor, backend, authorize }: CapabilityContext): Command {
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
      const exitCode = decodeReply(reply, readExitCode, '{"exitCode": 0 to 255}', callee);
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

/** Only `true` allows. If the callback throws, the command is denied. */
async function ask(authorize: Authorize, command: string, argv: readonly string[], callee: Callee): Promise<void> {
  const { pluginId } = callee;
  const denied = (cause?: unknown): InvocationError =>
    callDenied(callee, 'the user', cause);
  let answer: unknown;
  try {
    answer = await authorize({ pluginId, command, argv });
  } catch (cause) {
    throw denied(new Error(`authorize failed: ${messageOf(cause)}`, { cause }));
  }
  if (answer !== true) throw denied();
}

class CommandHandle extends Handle<Command> implements Command {
  get description() {
    return this.current.description;
  }
  get usage() {
    return this.current.usage;
  }
  get requiresAuthorization() {
    return this.current.requiresAuthorization;
  }
  readonly run: Command['run'] = (argv, options) => this.current.run(argv, options);
}
