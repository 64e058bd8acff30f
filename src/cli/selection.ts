import type { Candidate } from '../scan/index.js';
import { candidateNamed, scan } from './candidate-named.js';
import type { Arguments } from './command.js';

/**
 * The plugins that the operands name, or without any, all in the plugin folders.
 * @throws RefusedError, LoadError where one cannot be had: who locks or verifies wants to know
 */
export async function selection(args: Arguments): Promise<readonly Candidate[]> {
  if (args.positionals.length > 0) return Promise.all(args.positionals.map((name) => candidateNamed(name, args)));
  const { candidates, refused } = await scan(args);
  if (refused[0] !== undefined) throw refused[0].error;
  return candidates;
}
