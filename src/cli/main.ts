#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { PluginError, messageOf } from '../errors/index.js';
import { call } from './call.js';
import { cmakeDir } from './cmake-dir.js';
import { Exit, UsageError, type Command, type ExitCode } from './command.js';
import { doctor } from './doctor.js';
import { explain } from './explain.js';
import { printHelp, printUsage } from './help.js';
import { inspect } from './inspect.js';
import { list } from './list.js';
import { printLine, processTerminal, type Terminal } from './terminal.js';

const COMMANDS: readonly Command[] = [list, inspect, explain, call, cmakeDir, doctor];

async function main(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    printHelp(terminal, COMMANDS);
    return name === undefined ? Exit.USAGE : Exit.DONE;
  }
  const command = COMMANDS.find((known) => known.name === name);
  if (command === undefined) throw new UsageError(`there is no command ${name}`);
  const { values, positionals } = parse(command, rest);
  if (values.help === true) {
    printUsage(terminal, command);
    return Exit.DONE;
  }
  const [least, most] = command.arity;
  if (positionals.length < least || positionals.length > most) {
    throw new UsageError(`usage: aisopod-plugin ${command.name} ${command.operands}`);
  }
  return command.run({ values, positionals }, terminal);
}

function parse(command: Command, args: string[]) {
  const help = { help: { type: 'boolean', short: 'h' } } as const;
  try {
    return parseArgs({ args, options: { ...command.options, ...help }, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

const terminal = processTerminal();
// `aisopod-plugin list | head` closes the pipe early; that is no failure.
process.stdout.on('error', () => process.exit(Exit.DONE));
main(process.argv.slice(2), terminal).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    printLine(terminal.err, messageOf(error));
    if (error instanceof PluginError) printLine(terminal.err, `→ ${error.hint}`);
    if (error instanceof UsageError) printLine(terminal.err, 'see: aisopod-plugin --help');
    process.exitCode = error instanceof UsageError ? Exit.USAGE : Exit.REFUSED;
  },
);
