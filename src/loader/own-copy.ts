import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PluginError } from '../errors/index.js';
import { mayRunFrom } from '../files/may-run-from.js';
import type { Trace } from '../report/trace.js';
import type { Candidate } from '../scan/index.js';
import type { Triage } from '../triage/index.js';
import { copyAdmitted, isPrivateFolder, readTrustOptions, type CopyLease, type IsFree } from '../trust/index.js';
import { examineCopy, type ExamineOptions } from './examine.js';
import { isInside } from './opened-libraries.js';

/**
 * A private copy of a plugin, from which it runs, so that its files may be replaced at any time. `required` refuses a plugin that cannot be
 * copied. Otherwise one that cannot be copied, or has more bytes than `ifAtMost`, runs from its folder.
 */
export type OwnCopy = 'required' | { readonly ifAtMost: number };

interface Copying {
  readonly candidate: Candidate;
  readonly options: ExamineOptions;
  readonly trace: Trace;
  readonly lease: CopyLease | undefined;
  readonly isFree: IsFree;
}

/** Copies a plugin that passed `examine`, and examines the copy. Returns `undefined` if the plugin runs where it is; the trace says why. */
export async function copyIfPossible(facts: Triage, { ifAtMost }: { readonly ifAtMost: number }, copying: Copying): Promise<Triage | undefined> {
  if (isPrivateFolder(facts.path)) return undefined; // lock or signature made one
  const result = await copying.trace.check('triage', 'a private copy of the plugin', () => tryCopy(facts, ifAtMost, copying), (found) => ({
    found: typeof found === 'string' ? `none, it runs from its folder: ${found}` : found.path,
  }));
  if (typeof result !== 'string') return result;
  await copying.lease?.release();
  return undefined;
}

/** Returns the reason if there can be none. */
async function tryCopy(facts: Triage, maxBytes: number, { candidate, options: { trust = readTrustOptions() }, isFree }: Copying): Promise<Triage | string> {
  try {
    const copy = await examineCopy(await copyAdmitted(candidate, trust, isFree, maxBytes), candidate.id);
    if (!mayRunFrom(dirname(copy.path))) return 'nothing may be run in trust.copyDir';
    const lost = await lostDependency(copy, facts, candidate.path);
    return lost === undefined ? copy : `its copy does not find ${lost}`;
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return error.message;
  }
}

/** A dependency that the library finds where it is, but not in its copy: it may have a search path that leads out of the plugin folder. */
async function lostDependency(copy: Triage, { dependencies }: Triage, pluginFolder: string): Promise<string | undefined> {
  const folders = [pluginFolder, await realpath(pluginFolder).catch(() => pluginFolder)];
  return dependencies.find(({ name, path }) => {
    const inCopy = copy.dependencies.find((other) => other.name === name)?.path;
    const isInFolder = path !== undefined && folders.some((folder) => isInside(resolve(path), folder));
    return isInFolder ? inCopy === undefined || !isPrivateFolder(inCopy) : inCopy !== path;
  })?.name;
}
