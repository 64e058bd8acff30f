#!/usr/bin/env node
import { PluginError, asPluginError, messageOf, nearest, systemCode } from '../errors/index.js';
import { packageVersion } from '../files/index.js';
import { call } from './call.js';
import { warnOfMissingFolders } from './candidate-named.js';
import { cmakeDir } from './cmake-dir.js';
import { Exit, RefusedError, UsageError, type CliCommand, type ExitCode } from './command.js';
import { describe } from './describe.js';
import { dev } from './dev/dev.js';
import { doctor } from './doctor.js';
import { explain } from './explain.js';
import { printHelp, printUsage } from './help.js';
import { inspect } from './inspect.js';
import { list } from './list.js';
import { lock } from './lock.js';
import { mcp } from './mcp.js';
import { messageLines } from './message-lines.js';
import { newPlugin } from './new/new.js';
import { parseOptions } from './parse-options.js';
import { release } from './release.js';
import { sign } from './sign.js';
import { printError, printJson, processTerminal, type Terminal } from './terminal.js';
import { validate } from './validate/validate.js';
import { verify } from './verify.js';

const COMMANDS: readonly CliCommand[] = [newPlugin, list, inspect, explain, describe, call, mcp, dev, validate, lock, sign, verify, release, doctor, cmakeDir];

async function main(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    printHelp(terminal, COMMANDS);
    return name === undefined ? Exit.USAGE : Exit.DONE;
  }
  if (name === '--version' || name === '-v') {
    terminal.out.line(packageVersion() ?? 'unknown');
    return Exit.DONE;
  }
  const command = commandNamed(name);
  const { values, positionals } = parseOptions(command, rest);
  if (values.help === true) {
    printUsage(terminal, command);
    return Exit.DONE;
  }
  const [min, max] = command.arity;
  if (positionals.length < min || positionals.length > max) {
    throw new UsageError(`usage: aisopod-plugin ${command.name} ${command.operands}`.trimEnd());
  }
  warnOfMissingFolders({ values, positionals }, terminal);
  return command.run({ values, positionals }, terminal);
}

function commandNamed(name: string): CliCommand {
  const command = COMMANDS.find((known) => known.name === name);
  if (command !== undefined) return command;
  const meant = nearest(name, COMMANDS.map((known) => known.name));
  throw new UsageError(`unknown command ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}

/** Prints the error to the error stream, or with --json as JSON to standard output. */
function fail(error: unknown, terminal: Terminal, asJson: boolean): ExitCode {
  const isOurs = error instanceof PluginError || error instanceof UsageError || error instanceof RefusedError;
  const message = isOurs ? error.message : `unexpected error: ${messageOf(error) || 'an error without a message'}`;
  const hasCode = error instanceof PluginError || !isOurs;
  if (asJson) printJson(terminal, { error: hasCode ? asPluginError(error).toJSON() : { message } });
  else if (error instanceof PluginError) printError(terminal, messageLines(error), error.hint);
  else printError(terminal, message);
  if (!(error instanceof UsageError)) return Exit.REFUSED;
  if (!asJson) terminal.err.line('see: aisopod-plugin --help');
  return Exit.USAGE;
}

const terminal = processTerminal();
const argv = process.argv.slice(2);
const end = (error: unknown): never => process.exit(fail(error, terminal, argv.includes('--json')));
process.on('uncaughtException', end);
// `aisopod-plugin list | head` closes the pipe early, which is not a failure.
process.stdout.on('error', (error) => (systemCode(error) === 'EPIPE' ? process.exit(Exit.DONE) : end(error)));
main(argv, terminal).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.exitCode = fail(error, terminal, argv.includes('--json'));
  },
);
