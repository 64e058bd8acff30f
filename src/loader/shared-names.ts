import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { LoadError } from '../errors/index.js';
import { fileStamp, isOverwritten, isSameStamp, type FileStamp } from '../files/file-stamp.js';
import type { Trace } from '../report/trace.js';
import type { Triage } from '../triage/index.js';
import { mappedLibraries } from '../triage/mapped-libraries.js';
import { needsOfFile, ownLibraries } from '../triage/own-libraries.js';
import type { OpenedLibraries } from './opened-libraries.js';

/** A name by which a library is found in a process once it is mapped, and the file that it stood for. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
  readonly stamp: FileStamp | undefined;
  /** A plugin brings it: elsewhere the name may stand for another file. */
  readonly isBundled: boolean;
  /** The name is not written in the file; it is known by its path alone. */
  readonly isNameless?: boolean;
}

/** What a plugin maps into a process. */
export interface Contents {
  readonly names: readonly NamedFile[];
  readonly goRuntime: boolean;
}

export const NO_CONTENTS: Contents = { names: [], goRuntime: false };

/** Windows knows a module by its base name, in any case; other systems by the name that is written in the file. */
const keyOf = (name: string): string => (process.platform === 'win32' ? basename(name).toLowerCase() : name);

export function contentsOf({ path, ownName, dependencies, traits }: Triage): Contents {
  const named = (name: string, file: string, isBundled: boolean): NamedFile => ({ name: keyOf(name), path: file, stamp: fileStamp(file), isBundled });
  const names = dependencies.flatMap((needed) => (needed.path === undefined ? [] : [named(needed.name, needed.path, needed.isBundled)]));
  // The path as well: another plugin's library may call itself so.
  const isNameless = ownName === undefined;
  const own = [
    { ...named(ownName ?? basename(path), path, true), isNameless },
    { ...named(path, path, true), isNameless },
  ];
  return { names: [...own, ...names], goRuntime: traits.goRuntime || dependencies.some(({ goRuntime }) => goRuntime) };
}

export interface Surroundings {
  readonly opened: OpenedLibraries;
  /** LD_PRELOAD of the process. */
  readonly preload: string | undefined;
  /** It is this process, in which the host may have opened libraries of its own. */
  readonly isHost: boolean;
  readonly trace: Trace;
}

/**
 * A needed library is found by its name among those that are mapped, whatever file was verified. Synchronous, so that
 * nothing is opened between this check and the claim.
 * @throws LoadError ERR_LIBRARY_CONFLICT, ERR_LIBRARY_MAPPED, ERR_RUNTIME_CONFLICT
 */
export function requireOwnLibraries(facts: Triage, around: Surroundings, pluginId: string): void {
  const where = { pluginId, path: facts.path };
  requireIntactNames(around.opened, where);
  const present = namesIn(around);
  const contents = contentsOf(facts);
  // A plugin's own SONAME is not looked up when the plugin is opened by its path; only what it needs is, and the path.
  const wanted = contents.names.slice(1);
  for (const { name, path: file, stamp, isBundled } of wanted) {
    const other = present.find((known) => known.name === name && (isBundled || known.isBundled) && !isSameFile(known, { path: file, stamp }));
    if (other !== undefined) throw new LoadError('ERR_LIBRARY_CONFLICT', { library: basename(name), expected: file, found: other.path }, where);
    const own = isBundled ? ownLibraries().get(name) : undefined;
    if (own !== undefined && own !== file && !hasSameBytes(own, file)) {
      around.trace.note('triage', `the bundled ${name}`, `not used: every process of Node has ${own} by this name`);
    }
  }
  for (const { name, path } of facts.dependencies) {
    const other = path === undefined ? present.find((known) => known.name === keyOf(name) && known.isBundled) : undefined;
    if (other !== undefined) throw new LoadError('ERR_LIBRARY_CONFLICT', { library: name, expected: 'a library of its own (it is missing)', found: other.path }, where);
  }
  requireRuntimes(facts, contents, around, where);
}

/**
 * To open any library, glibc compares its path with the SONAME of each mapped one, which it reads in that one's memory.
 * Writing over the file has spoiled that memory: the process would crash.
 */
function requireIntactNames({ libraries }: OpenedLibraries, where: { pluginId: string; path: string }): void {
  const names = libraries.flatMap(({ contents }) => contents.names).filter(({ isBundled, isNameless }) => isBundled && isNameless !== true);
  const spoiled = names.find(isOverwritten);
  if (spoiled === undefined) return;
  const fields = { expected: 'a process whose libraries are as they were opened', found: `that ${spoiled.path} was written over while it was mapped`, isOverwritten: true };
  throw new LoadError('ERR_LIBRARY_MAPPED', fields, where);
}

/** Sanitizers abort the process that opens their runtime late. libubsan does not. */
const SANITIZER = /^lib(?:clang_rt\.)?(asan|tsan|hwasan|lsan|msan)/;

function requireRuntimes(facts: Triage, { goRuntime }: Contents, { opened, preload = '' }: Surroundings, where: { pluginId: string; path: string }): void {
  const go = goRuntime ? opened.libraries.find((library) => library.contents.goRuntime && library.path !== facts.path) : undefined;
  if (go !== undefined) {
    const reason = `plugin ${go.pluginId} has brought another into this process; two of them cannot live in one`;
    throw new LoadError('ERR_RUNTIME_CONFLICT', { what: 'a Go runtime', reason }, where);
  }
  const needed = facts.dependencies.find(({ name }) => SANITIZER.test(name));
  const family = needed === undefined ? undefined : SANITIZER.exec(needed.name)?.[1];
  if (needed === undefined || family === undefined || preload.includes(family)) return;
  throw new LoadError('ERR_RUNTIME_CONFLICT', { what: `the sanitizer runtime ${needed.name}`, reason: 'it must be the first library of a process, and aborts otherwise' }, where);
}

function namesIn({ opened, isHost }: Surroundings): NamedFile[] {
  const ofPlugins = opened.libraries.flatMap(({ contents }) => contents.names);
  if (!isHost) return ofPlugins;
  const known = new Set([...ofPlugins.map(({ path }) => path), ...ownLibraries().values()]);
  const others = mappedLibraries().filter((path) => !known.has(path));
  const ofOthers = others.map((path) => ({ name: needsOfFile(path)?.ownName ?? basename(path), path, stamp: fileStamp(path), isBundled: false }));
  return [...ofPlugins, ...ofOthers];
}

function isSameFile(mapped: NamedFile, wanted: { readonly path: string; readonly stamp: FileStamp | undefined }): boolean {
  if (mapped.stamp !== undefined && isSameStamp(mapped.stamp, wanted.stamp)) return true;
  // What was mapped can be compared only while its file is as it was.
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
