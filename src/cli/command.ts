import type { ParseArgsConfig } from 'node:util';
import type { Terminal } from './terminal.js';

/** Exit codes of all commands, documented in docs/cli.md. */
export const Exit = { DONE: 0, REFUSED: 1, USAGE: 2, INTERRUPTED: 130 } as const;
export type ExitCode = (typeof Exit)[keyof typeof Exit];

type Options = NonNullable<ParseArgsConfig['options']>;

/** The result of `parseArgs`. Commands read it with `text`, `texts`, `flag` and `operand`. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** One command of the command-line interface. */
export interface CliCommand {
  readonly name: string;
  /** Shown after the name in the usage line. */
  readonly operands: string;
  readonly summary: string;
  readonly options: Options;
  readonly optionHelp: readonly (readonly [option: string, help: string])[];
  readonly examples: readonly string[];
  /** The number of operands. */
  readonly arity: readonly [min: number, max: number];
  run(args: Arguments, terminal: Terminal): Promise<ExitCode>;
}

/** Wrong command-line arguments. */
export class UsageError extends Error {}

/** The request cannot be fulfilled, for a reason that has no error code. */
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

/** The operand at `index`; empty if it is optional and missing. */
export const operand = (args: Arguments, index: number): string => args.positionals[index] ?? '';

export const JSON_OPTION = { json: { type: 'boolean' } } as const;
export const JSON_HELP = ['--json', 'print JSON (format: docs/cli.md)'] as const;

/** The arity of a command that takes any number of operands. */
export const MANY = [0, Infinity] as const;

/** Options of the commands that scan plugin folders. */
export const SCAN_OPTIONS = {
  ...JSON_OPTION,
  dir: { type: 'string', multiple: true },
  'host-version': { type: 'string' },
} as const;
export const SCAN_HELP = [
  ['--dir FOLDER', 'a folder that contains plugin folders; repeatable (default: AISOPOD_PLUGIN_PATH, AISOPOD_PLUGIN_PATHS, ~/.aisopod/plugins)'],
  ['--host-version VERSION', 'check that manifests accept a host of this version (default: not checked)'],
  JSON_HELP,
] as const;
