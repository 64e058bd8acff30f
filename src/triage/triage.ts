import { missingLibraries } from './dependencies.js';
import type { Facts } from './facts.js';
import { judge } from './judge.js';
import { readLibraryFile } from './read-library.js';
import { hostTarget, type Target } from './target.js';
import type { Verdict } from './verdict.js';

/** A library read as a file, and whether it can be loaded. Plain data: it survives JSON. */
export interface Triage extends Facts {
  readonly path: string;
  /** Those of `needed` that were not found as files; looked for on Linux only. Where opening fails, these are why. */
  readonly missing: readonly string[];
  readonly verdict: Verdict;
}

/**
 * Reads a shared library without running any of its code, and judges whether `target` (this process, unless
 * another is given) can load it. Of a fat Mach-O file, the part for the target is read.
 * A large file is not read whole; what is read, is read in one go without giving way to other work.
 *
 * Throws LoadError ERR_LIBRARY_FORMAT for a file that is not a whole shared library (empty, cut off, text, an executable …;
 * a directory or a pipe), and ERR_IO where the system will not have it read. A library that is whole but does not fit
 * is no exception but a verdict; `refusalOf` makes an error of it.
 */
export async function triage(path: string, target: Target = hostTarget()): Promise<Triage> {
  const facts = await readLibraryFile(path, target.arch);
  const missing = await missingLibraries(path, facts, target.libc);
  return { path, ...facts, missing, verdict: judge({ ...facts, missing }, target) };
}
