import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { LoadError, type ErrorContext } from '../errors/index.js';
import { isOverwritten } from '../files/is-overwritten.js';
import { fileStamp, isSameStamp } from '../files/file-stamp.js';
import type { Trace } from '../report/trace.js';
import type { Triage } from '../triage/index.js';
import { mappedLibraries } from '../machine/mapped-libraries.js';
import { needsOfFile, nodeLibraries } from '../triage/node-libraries.js';
import { moduleKey, type PluginLibraries, type NamedFile } from './plugin-libraries.js';
import { isInside, type OpenedLibraries, type OpenedLibrary } from './opened-libraries.js';

export interface Surroundings {
  readonly opened: OpenedLibraries;
  /** LD_PRELOAD of the process. */
  readonly preload: string | undefined;
  /** Whether it is this process, in which the host may have opened other libraries. */
  readonly isHost: boolean;
  readonly pid: number;
  readonly trace: Trace;
}

/** The plugin whose library is to be opened. */
export interface Claimant {
  readonly id: string;
  /** The plugin folder. */
  readonly folder: string;
  /** Identifies the host: see OpenedLibrary. */
  readonly host: object | undefined;
}

/**
 * Requires that the plugin gets the libraries that were verified: the system looks up a needed library by name among the mapped
 * ones first. Synchronous, so that nothing is opened between this check and the claim.
 * @throws LoadError ERR_LIBRARY_CONFLICT, ERR_LIBRARY_MAPPED, ERR_RUNTIME_CONFLICT
 */
export function requireOwnLibraries(facts: Triage, mapped: PluginLibraries, around: Surroundings, claimant: Claimant): void {
  const where = { pluginId: claimant.id, path: facts.path };
  requireIntactNames(around, where);
  const present = namesIn(around);
  // A library that is opened by its path is not looked up by its own SONAME, so skip that name.
  for (const wanted of mapped.names.slice(1)) {
    for (const known of present) requireNoConflict(known, wanted, claimant, where);
    noteUnused(wanted, around.trace);
  }
  for (const { name, path } of facts.dependencies) {
    const other = path === undefined ? present.find((known) => known.name === moduleKey(name) && known.isBundled) : undefined;
    if (other !== undefined) throw new LoadError('ERR_LIBRARY_CONFLICT', { library: name, expected: 'a library of its own (it is missing)', found: other.path }, where);
  }
  requireRuntimes(facts, mapped, around, where);
}

function requireNoConflict(known: PresentFile, wanted: NamedFile, claimant: Claimant, where: ErrorContext): void {
  if (known.name !== wanted.name || !(wanted.isBundled || known.isBundled)) return;
  const fields = { library: basename(wanted.name), expected: wanted.path, found: known.path };
  const { by } = known;
  if (!isSameFile(known, wanted)) {
    const isEarlier = by?.pluginId === claimant.id && !by.isInUse;
    throw new LoadError('ERR_LIBRARY_CONFLICT', { ...fields, isEarlier }, where);
  }
  const isPartOfPlugin = isInside(wanted.path, claimant.folder) || known.stamp?.file !== wanted.stamp?.file;
  if (by !== undefined && isPartOfPlugin && isSeparate(by, claimant)) throw new LoadError('ERR_LIBRARY_CONFLICT', { ...fields, isShared: true }, where);
}

/** Another copy of the plugin, or a plugin of another host, must not see this one's global variables. */
const isSeparate = (other: OpenedLibrary, { id, host }: Claimant): boolean => other.isInUse && (other.pluginId === id || other.host !== host);

function noteUnused({ name, path, isBundled }: NamedFile, trace: Trace): void {
  const own = isBundled ? nodeLibraries().get(name) : undefined;
  if (own === undefined || own === path || hasSameBytes(own, path)) return;
  trace.note('triage', `the bundled ${name}`, `not used: every Node process has already loaded ${own}, which has this name`);
}

/**
 * To open a library, glibc compares its path with the SONAME of each mapped library, which it reads from that library's memory.
 * If the file was overwritten, that memory is invalid and the process would crash.
 */
function requireIntactNames({ opened: { libraries }, pid }: Surroundings, where: { pluginId: string; path: string }): void {
  const names = libraries.flatMap(({ mapped }) => mapped.names).filter(({ isBundled, isNameless }) => isBundled && isNameless !== true);
  const spoiled = names.find((name) => isOverwritten(name, pid));
  if (spoiled === undefined) return;
  const fields = { expected: 'a process with unchanged libraries', found: `that ${spoiled.path} was overwritten while it was mapped`, isOverwritten: true };
  throw new LoadError('ERR_LIBRARY_MAPPED', fields, where);
}

/** These runtimes abort the process if they are not its first library. libubsan does not. */
const SANITIZER = /^lib(?:clang_rt\.)?(asan|tsan|hwasan|lsan|msan)/;

function requireRuntimes(facts: Triage, { goRuntime }: PluginLibraries, { opened, preload = '' }: Surroundings, where: { pluginId: string; path: string }): void {
  const go = goRuntime ? opened.libraries.find((library) => library.mapped.goRuntime && library.path !== facts.path) : undefined;
  if (go !== undefined) {
    const reason = `plugin ${go.pluginId} has already loaded one into this process; a process can have only one`;
    throw new LoadError('ERR_RUNTIME_CONFLICT', { what: 'a Go runtime', reason }, where);
  }
  const needed = facts.dependencies.find(({ name }) => SANITIZER.test(name));
  const family = needed === undefined ? undefined : SANITIZER.exec(needed.name)?.[1];
  if (needed === undefined || family === undefined || preload.includes(family)) return;
  throw new LoadError('ERR_RUNTIME_CONFLICT', { what: `the sanitizer runtime ${needed.name}`, reason: 'it must be the first library of a process, and aborts otherwise' }, where);
}

/** A mapped library. */
interface PresentFile extends NamedFile {
  /** The plugin's library that needs it. */
  readonly by?: OpenedLibrary;
}

function namesIn({ opened, isHost }: Surroundings): PresentFile[] {
  const ofPlugins = opened.libraries.flatMap((by) => by.mapped.names.map((name) => ({ ...name, by })));
  if (!isHost) return ofPlugins;
  const known = new Set([...ofPlugins.map(({ path }) => path), ...nodeLibraries().values()]);
  const others = mappedLibraries().filter((path) => !known.has(path));
  const ofOthers = others.map((path) => ({ name: needsOfFile(path)?.ownName ?? basename(path), path, stamp: fileStamp(path), isBundled: false }));
  return [...ofPlugins, ...ofOthers];
}

function isSameFile(mapped: NamedFile, wanted: NamedFile): boolean {
  if (mapped.stamp !== undefined && isSameStamp(mapped.stamp, wanted.stamp)) return true;
  if (mapped.sha256 !== undefined && wanted.sha256 !== undefined) return mapped.sha256 === wanted.sha256;
  // Mapped bytes can be compared only while their file is unchanged.
  return isSameStamp(mapped.stamp, fileStamp(mapped.path)) && mapped.path !== wanted.path && hasSameBytes(mapped.path, wanted.path);
}

function hasSameBytes(a: string, b: string): boolean {
  const [one, two] = [fileStamp(a), fileStamp(b)];
  if (one === undefined || two === undefined) return false;
  if (one.file === two.file) return true;
  if (one.content.split(':')[0] !== two.content.split(':')[0]) return false;
  try {
    return readFileSync(a).equals(readFileSync(b));
  } catch {
    return false;
  }
}
