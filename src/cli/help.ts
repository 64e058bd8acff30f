import type { Command } from './command.js';
import { printLine, type Terminal } from './terminal.js';

const EXIT_CODES = ['0  done', '1  refused or failed: what was asked about cannot be loaded, called or verified', '2  wrong usage'];

/** All commands, each with its line. */
export function printHelp(terminal: Terminal, commands: readonly Command[]): void {
  const bold = (text: string): string => terminal.style('bold', text);
  printLine(terminal.out, 'Find, inspect, explain and try native plugins.\n');
  printLine(terminal.out, `${bold('usage')}  aisopod-plugin <command> [options]\n`);
  const width = Math.max(...commands.map(({ name, operands }) => name.length + operands.length + 1));
  for (const { name, operands, summary } of commands) {
    printLine(terminal.out, `  ${`${name} ${operands}`.padEnd(width + 2)}${summary}`);
  }
  printLine(terminal.out, `\n${bold('examples')}`);
  for (const { examples } of commands) printLine(terminal.out, `  ${examples[0] ?? ''}`);
  printLine(terminal.out, `\n${bold('exit codes')}`);
  for (const line of EXIT_CODES) printLine(terminal.out, `  ${line}`);
  printLine(terminal.out, '\nEvery command takes --help. NO_COLOR turns colours off.');
}

/** One command with its options and examples. */
export function printUsage(terminal: Terminal, { name, operands, summary, optionHelp, examples }: Command): void {
  printLine(terminal.out, `aisopod-plugin ${name} ${operands}\n`);
  printLine(terminal.out, `${summary}\n`);
  const width = Math.max(...optionHelp.map(([option]) => option.length));
  for (const [option, help] of optionHelp) printLine(terminal.out, `  ${option.padEnd(width + 2)}${help}`);
  printLine(terminal.out, '\nexamples');
  for (const example of examples) printLine(terminal.out, `  ${example}`);
}
