import type { CliCommand } from './command.js';
import type { Terminal } from './terminal.js';

const EXIT_CODES = ['0    success', '1    failure: a plugin cannot be loaded, called or verified', '2    wrong usage', '130  interrupted'];

/** Lists all commands. */
export function printHelp(terminal: Terminal, commands: readonly CliCommand[]): void {
  const bold = (text: string): string => terminal.out.style('bold', text);
  terminal.out.line('Find, inspect, diagnose and try out native plugins.\n');
  terminal.out.line(`${bold('usage')}  aisopod-plugin <command> [options]\n`);
  const width = Math.max(...commands.map(({ name, operands }) => name.length + operands.length + 1));
  for (const { name, operands, summary } of commands) {
    terminal.out.line(`  ${`${name} ${operands}`.padEnd(width + 2)}${summary}`);
  }
  terminal.out.line(`\n${bold('examples')}`);
  for (const { examples } of commands) terminal.out.line(`  ${examples[0] ?? ''}`);
  terminal.out.line(`\n${bold('exit codes')}`);
  for (const line of EXIT_CODES) terminal.out.line(`  ${line}`);
  terminal.out.line('\nFor the options of a command: aisopod-plugin <command> --help. Set NO_COLOR to turn colours off.');
}

/** Describes one command, with its options and examples. */
export function printUsage(terminal: Terminal, { name, operands, summary, optionHelp, examples }: CliCommand): void {
  terminal.out.line(`${`aisopod-plugin ${name} ${operands}`.trimEnd()}\n`);
  terminal.out.line(`${summary}\n`);
  const width = Math.max('--help'.length, ...optionHelp.map(([option]) => option.length));
  for (const [option, help] of optionHelp) terminal.out.line(`  ${option.padEnd(width + 2)}${help}`);
  terminal.out.line('\nexamples');
  for (const example of examples) terminal.out.line(`  ${example}`);
}
