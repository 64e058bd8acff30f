import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PluginError } from '../errors/index.js';
import { MANIFEST_FILENAME } from '../manifest/index.js';
import type { Candidate } from '../scan/index.js';
import { candidateNamed, foldersOf, scan } from './candidate-named.js';
import { RefusedError, type Arguments } from './command.js';
import { printError, printable, type Terminal } from './terminal.js';

/** A plugin of the selection that could not be processed. */
export interface Refused {
  /** The id, or the operand if the id is unknown. */
  readonly id: string;
  readonly path: string | null;
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
}

export interface Selection {
  readonly candidates: readonly Candidate[];
  readonly refused: readonly Refused[];
}

/** The plugins that the operands name; without operands, all plugins found. A refused plugin does not affect the others. */
export async function selection(args: Arguments): Promise<Selection> {
  if (args.positionals.length === 0) {
    const { candidates, refused } = await scan(args);
    return { candidates, refused: refused.map(({ id, path, error }) => refusal(error, id ?? path, path)) };
  }
  const candidates: Candidate[] = [];
  const refused: Refused[] = [];
  for (const name of args.positionals) {
    await candidateNamed(name, args).then(
      (candidate) => candidates.push(candidate),
      (error: unknown) => refused.push(refusal(error, name, null)),
    );
  }
  return { candidates, refused };
}

/** Converts a PluginError or RefusedError; throws any other error again. */
export function refusal(error: unknown, id: string, path: string | null): Refused {
  if (error instanceof RefusedError) return { id, path, code: null, message: error.message, hint: null };
  if (!(error instanceof PluginError)) throw error;
  return { id: error.pluginId ?? id, path: path ?? error.path ?? null, code: error.code, message: error.message, hint: error.hint };
}

/** For a command that found no plugin at all: says where it looked, and which of these folders is itself a plugin folder. */
export function printNoPlugins({ out }: Terminal, args: Arguments): void {
  const folders = foldersOf(args);
  out.line(printable(`no plugins found in ${folders.join(', ')}`));
  const plugins = folders.filter((folder) => existsSync(join(folder, MANIFEST_FILENAME)));
  for (const folder of plugins) out.line(printable(`${folder} is a plugin folder: name the folder that contains it`));
}

export function printRefused(terminal: Terminal, refused: readonly Refused[]): void {
  for (const { message, hint } of refused) printError(terminal, message, hint ?? undefined);
}
