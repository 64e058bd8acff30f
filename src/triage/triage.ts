import { optionError } from '../options/option-error.js';
import { findDependencies, type Dependency } from './dependencies.js';
import type { Facts } from './facts.js';
import { judge } from './judge.js';
import { readLibraryFile } from './read-library.js';
import { hostTarget, readTarget, type Target } from './target.js';
import type { Verdict } from './verdict.js';

/** A library read as a file, and whether it can be loaded. Plain data: it survives JSON. */
export interface Triage extends Facts {
  readonly path: string;
  /** What it needs, by itself and through others. Complete on Linux; elsewhere only what it brings itself. */
  readonly dependencies: readonly Dependency[];
  /** The names of those that were not found as files; looked for on Linux only. If opening fails, these are why. */
  readonly missing: readonly string[];
  readonly verdict: Verdict;
}

/**
 * Reads a shared library without running any of its code, and judges whether `target` (this process, unless
 * another is given) can load it. Of a fat Mach-O file, the part for the target is read.
 * A large file is not read whole; what is read, is read in one go without giving way to other work.
 *
 * Throws LoadError ERR_OPTIONS for a wrong argument, ERR_LIBRARY_FORMAT for a file that is not a whole shared library (empty, cut off, text, an executable …;
 * a directory or a pipe), for a library that it brings and that is damaged, and ERR_IO if the system refuses to read it. A library that is whole but does not fit
 * is no exception but a verdict; `refusalOf` makes an error of it.
 */
export async function triage(path: string, given?: Target): Promise<Triage> {
  if (typeof path !== 'string') throw optionError('path', 'the path of a library', path);
  const target = given === undefined ? hostTarget() : readTarget(given);
  return withDependencies(path, await readLibraryFile(path, target.arch), target);
}

/** What depends on more than the library's own file. */
export async function withDependencies(path: string, facts: Facts, target: Target): Promise<Triage> {
  const dependencies = await findDependencies(path, facts, target.libc);
  const missing = dependencies.filter(({ path: found }) => found === undefined).map(({ name }) => name);
  return { path, ...facts, dependencies, missing, verdict: judge({ ...facts, dependencies, missing }, target) };
}
