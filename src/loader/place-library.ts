import { resolve } from 'node:path';
import { LoadError } from '../errors/index.js';
import { loaderPathProblem } from '../library/index.js';
import type { Trace } from '../report/trace.js';
import { isPrivateFolder, type CopyLease } from '../trust/index.js';
import type { Candidate } from '../scan/index.js';
import type { Triage } from '../triage/index.js';
import { pluginLibraries, snapshotLibraries } from './plugin-libraries.js';
import { examine, type ExamineOptions } from './examine.js';
import type { FitLibrary } from './open-plugin.js';
import type { Claim, Conflict, OpenedLibraries } from './opened-libraries.js';
import type { OwnCopy } from './own-copy.js';
import { requireOwnLibraries } from './shared-names.js';
import { hasOwn } from '../options/own-member.js';

/** The library that is opened. */
export interface PlacedLibrary {
  readonly path: string;
  /** It is in a private copy, as it was wanted. */
  readonly isWantedCopy: boolean;
}

export interface Placing {
  readonly candidate: Candidate;
  readonly options: ExamineOptions;
  readonly trace: Trace;
  /** The libraries of the process in which it is opened. */
  readonly opened: OpenedLibraries;
  /** LD_PRELOAD of that process. */
  readonly preload: string | undefined;
  /** Whether that process is this one. */
  readonly isHost: boolean;
  /** The id of that process. */
  readonly pid: number;
  /** Identifies the host in a process that may have several: see OpenedLibrary. */
  readonly host?: object;
  /** Whether that process is for this plugin alone, so that no library is compared with its libraries later. */
  readonly isAlone?: boolean;
  /** Opens it in a private copy, even if its own path would do. If it is not `required`, the library is in that copy already. */
  readonly ownCopy?: OwnCopy | undefined;
  /** The library in the plugin folder, if the one to open is in a private copy. */
  readonly original?: string | undefined;
  /** Holds that copy. */
  readonly lease?: CopyLease | undefined;
  /** Called with each library before it is opened. Throws to refuse the plugin. */
  readonly beforeRun?: ((library: PlacedLibrary) => Promise<void>) | undefined;
}

/**
 * Opens a library that passed triage. Opens it at its own path if the process then gets these bytes and separate globals;
 * otherwise in a private copy of the plugin, which is examined like the plugin. Calls `open` again if something else has the
 * library mapped. @throws LoadError, and what `open` throws
 */
export async function placeLibrary<T>(facts: Triage, placing: Placing, open: (library: FitLibrary, claim: Claim) => Promise<T>): Promise<T> {
  const { opened, beforeRun, ownCopy, original = facts.path } = placing;
  for (;;) {
    const { path, dependencies, traits, libc, claim } = await place(facts, placing);
    try {
      await beforeRun?.({ path, isWantedCopy: ownCopy !== undefined && isPrivateFolder(path) });
    } catch (error) {
      claim.forget();
      throw error;
    }
    try {
      const shown = original === resolve(path) ? undefined : original;
      return await open({ path, original: shown, dependencies, traits, libc, isReused: claim.isReused }, claim);
    } catch (error) {
      settle(claim, error);
      if (!(error instanceof LoadError) || error.code !== 'ERR_LIBRARY_MAPPED') throw error;
      opened.block(path);
    }
  }
}

/** Usually one is enough; another plugin that is loaded at the same time may take it. */
const MAX_COPIES = 100;

async function place(facts: Triage, placing: Placing): Promise<Triage & { readonly claim: Claim }> {
  const { candidate, options, trace, opened, ownCopy, lease } = placing;
  const isFree = lease?.take ?? ((folder: string) => opened.isFree(folder));
  for (let copies = 0; ; copies++) {
    const path = resolve(facts.path);
    const problem = loaderPathProblem(path);
    if (copies > 0 && problem !== undefined) throw pathRefusal(candidate, path, problem);
    const reason = ownCopy === 'required' && copies === 0 ? 'its folder may change while this generation runs' : problem;
    const found = reason === undefined ? await claim({ ...facts, path }, placing) : { reason };
    if (hasOwn(found, 'release')) return { ...facts, path, claim: found };
    if (copies === MAX_COPIES) throw mappedRefusal(candidate, path, found.reason);
    trace.note('triage', 'a private copy of the plugin', found.reason);
    facts = await examine(candidate, { ...options, copy: isFree }, trace);
  }
}

async function claim(facts: Triage, { candidate, opened, preload, isHost, pid, trace, host, isAlone }: Placing): Promise<Claim | Conflict> {
  const seen = isAlone === true ? [] : await snapshotLibraries(facts);
  // The copy that is made then may need other libraries.
  const conflict = opened.conflictAt(facts.path);
  if (conflict !== undefined) return conflict;
  const mapped = pluginLibraries(facts, seen);
  requireOwnLibraries(facts, mapped, { opened, preload, isHost, pid, trace }, { id: candidate.id, folder: candidate.path, host });
  return opened.claim(facts.path, candidate.id, mapped, host);
}

function pathRefusal({ id }: Candidate, path: string, found: string): LoadError {
  return new LoadError('ERR_LIBRARY_PATH', { expected: "a path that the system's loader uses unchanged", found }, { pluginId: id, path });
}

function mappedRefusal({ id }: Candidate, path: string, found: string): LoadError {
  return new LoadError('ERR_LIBRARY_MAPPED', { expected: 'a private copy that nothing else uses', found }, { pluginId: id, path });
}

/** The codes of errors after which the library is not mapped. */
const NOT_OPENED: readonly string[] = ['ERR_LIBRARY_LOAD', 'ERR_UNDEFINED_SYMBOL', 'ERR_MISSING_DEPENDENCY', 'ERR_LIBRARY_PATH', 'ERR_LIBRARY_MAPPED'];

/** A library in which a call still runs stays in use. So does one after an unexpected error. */
function settle(claim: Claim, error: unknown): void {
  if (!(error instanceof LoadError)) return;
  if (NOT_OPENED.includes(error.code)) claim.forget();
  else if (!(error.code === 'ERR_CREATE_FAILED' && error.timeoutMs !== undefined)) claim.release();
}
