import type { ParseArgsConfig } from 'node:util';
import type { Terminal } from './terminal.js';

/** Exit codes, the same for every command; docs/cli.md has them. */
export const Exit = { DONE: 0, REFUSED: 1, USAGE: 2, INTERRUPTED: 130 } as const;
export type ExitCode = (typeof Exit)[keyof typeof Exit];

type Options = NonNullable<ParseArgsConfig['options']>;

/** Values as `parseArgs` gives them; commands read them through `text`, `texts` and `flag`. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** One command of the command line. */
export interface Command {
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly operands: string;
  readonly summary: string;
  readonly options: Options;
  readonly optionHelp: readonly (readonly [option: string, help: string])[];
  readonly examples: readonly string[];
  /** How many operands it takes. */
  readonly arity: readonly [least: number, most: number];
  run(args: Arguments, terminal: Terminal): Promise<ExitCode>;
}

/** A mistake in how the command line was called. */
export class UsageError extends Error {}

/** What was asked for cannot be done, for a reason that no error of the package has a code for. */
export class RefusedError extends Error {}

export const flag = (args: Arguments, name: string): boolean => args.values[name] === true;

export function text(args: Arguments, name: string): string | undefined {
  const value = args.values[name];
  return typeof value === 'string' ? value : undefined;
}

export function texts(args: Arguments, name: string): readonly string[] | undefined {
  const value = args.values[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** The operand at `index`; `arity` has made sure that it is there. */
export const operand = (args: Arguments, index: number): string => args.positionals[index] ?? '';

export const JSON_OPTION = { json: { type: 'boolean' } } as const;
export const JSON_HELP = ['--json', 'print JSON, as docs/cli.md describes it'] as const;

/** Of a command that takes any number of operands. */
export const MANY = [0, Infinity] as const;

/** Options of the commands that look through plugin folders. */
export const SCAN_OPTIONS = {
  ...JSON_OPTION,
  dir: { type: 'string', multiple: true },
  'host-version': { type: 'string' },
} as const;
export const SCAN_HELP = [
  ['--dir FOLDER', 'a folder of plugin folders; may be given again (default: AISOPOD_PLUGIN_PATH, ~/.aisopod/plugins)'],
  ['--host-version VERSION', 'judge manifests for a host of this version (default: not judged)'],
  JSON_HELP,
] as const;
