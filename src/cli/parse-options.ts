import { parseArgs } from 'node:util';
import { nearest } from '../errors/index.js';
import { UsageError, type Arguments, type CliCommand } from './command.js';

type Options = CliCommand['options'];

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/** Reads the arguments that follow the name of a command. @throws UsageError */
export function parseOptions(command: CliCommand, args: readonly string[]): Arguments {
  const options: Options = { ...command.options, ...HELP };
  // Not strict: the messages of Node speak of its own interface.
  const { values, positionals, tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) if (token.kind === 'option') requireValid(token, options, command.name);
  return { values, positionals };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function requireValid({ name, rawName, value, inlineValue = false }: OptionToken, options: Options, command: string): void {
  const known = options[name];
  if (known === undefined) throw new UsageError(`${command} has no option ${rawName}${suggestion(name, Object.keys(options))}`);
  if (known.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
    return;
  }
  if (value === undefined || value === '') throw new UsageError(`${rawName} needs a value`);
  if (!inlineValue && value.startsWith('-') && value !== '-') throw new UsageError(`${rawName} needs a value; if it is ${value}, write ${rawName}=${value}`);
}

function suggestion(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined ? '' : `; did you mean --${meant}?`;
}
