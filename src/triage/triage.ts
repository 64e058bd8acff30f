import { optionError } from '../options/option-error.js';
import { findDependencies, type Dependency } from './dependencies.js';
import type { Facts } from './facts.js';
import { judge } from './judge.js';
import { readLibraryFile } from './read-library.js';
import { hostTarget, readTarget, type Target } from './target.js';
import type { Verdict } from './verdict.js';

/** The facts of a library, and whether it can be loaded. Plain data, safe to store as JSON. */
export interface Triage extends Facts {
  readonly path: string;
  /** Direct and indirect dependencies. Complete on Linux; elsewhere only those shipped with the library. */
  readonly dependencies: readonly Dependency[];
  /** The names of the dependencies that were not found (Linux only). If opening fails, these are the likely reason. */
  readonly missing: readonly string[];
  readonly verdict: Verdict;
}

/**
 * Reads a shared library without running any of its code, and decides whether `target` (default: this process) can
 * load it. Of a fat Mach-O file, it reads the part for the target. It reads only parts of a large file; those reads
 * are synchronous and block the event loop.
 *
 * A complete library that does not fit the target is not an exception but a verdict; `refusalOf` turns it into an error.
 * @throws LoadError ERR_OPTIONS; ERR_LIBRARY_FORMAT if the file, or a library that it bundles, is not a complete shared
 * library (empty, truncated, text, an executable, a folder, a pipe …); ERR_IO if it cannot be read
 */
export async function triage(path: string, given?: Target): Promise<Triage> {
  if (typeof path !== 'string') throw optionError('path', 'the path of a library', path);
  const target = given === undefined ? hostTarget() : readTarget(given);
  return withDependencies(path, await readLibraryFile(path, target.arch), target);
}

/** Adds the dependencies and the verdict, which depend on more than the library's own file. */
export async function withDependencies(path: string, facts: Facts, target: Target): Promise<Triage> {
  const dependencies = await findDependencies(path, facts, target.libc);
  const missing = dependencies.filter(({ path: found }) => found === undefined).map(({ name }) => name);
  return { path, ...facts, dependencies, missing, verdict: judge({ ...facts, dependencies, missing }, target) };
}
