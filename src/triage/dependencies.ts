import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openRegularFile } from '../files/index.js';
import type { Facts, Libc, Needs, Traits } from './facts.js';
import { needsOfFile, nodeLibraries } from './node-libraries.js';
import { readLibraryFile } from './read-library.js';
import { searchFor, type Search, type Dependent } from './search.js';

/** A direct or indirect dependency of a plugin's library. Plain data. */
export interface Dependency {
  /** As written in the library that needs it. */
  readonly name: string;
  /** The path of the library that needs it (the first, if several do). */
  readonly neededBy: string;
  /** The file that the system's loader will find; undefined if it is missing. */
  readonly path: string | undefined;
  /** Shipped with the plugin: not in a system folder. */
  readonly isBundled: boolean;
  /** Missing, although the folder of `neededBy` has a file with this name: that folder is not searched. */
  readonly isBeside: boolean;
  /** `goRuntime` and `allocator` as in Traits. */
  readonly goRuntime: boolean;
  readonly allocator: boolean;
}

/** Whether the plugin, or a library that it needs, exports an allocator. */
export const bringsAllocator = ({ traits, dependencies = [] }: { readonly traits: Traits; readonly dependencies?: readonly Dependency[] }): boolean =>
  traits.allocator || dependencies.some(({ allocator }) => allocator);

/** Far more than real plugins need. */
const MAX_LIBRARIES = 512;

/** System libraries are not read for their traits, so their allocators are recognized by name. */
const SYSTEM_ALLOCATOR = /^lib(?:je|tc|mi|rp|sn)malloc/;

/**
 * The dependencies of the library at `path`, in the order in which the system's loader looks for them. Complete on Linux;
 * elsewhere only those found through the library's own paths. Missing dependencies of system libraries are not reported.
 * Even on Linux this is a hint, not a proof: a missing library may already be in memory under another file name.
 * Throws LoadError ERR_LIBRARY_FORMAT for a damaged bundled library: opening it could end the process.
 */
export async function findDependencies(path: string, facts: Facts, libc: Libc | undefined): Promise<Dependency[]> {
  // Dependencies of a library for another architecture cannot be found on this machine.
  const search = facts.arch === process.arch ? await searchFor(facts.format, libc) : undefined;
  if (search === undefined) return [];
  const kind = await elfKind(path);
  const found: Dependency[] = [];
  const seen = new Set<string>();
  const dependents: (Dependent & { readonly isBundled: boolean })[] = [{ path, needs: facts, inherited: [], isBundled: true }];
  for (const dependent of dependents) {
    for (const name of dependent.needs.needed) {
      if (seen.has(name) || found.length >= MAX_LIBRARIES) continue;
      seen.add(name);
      const dependency = await find(name, dependent, kind, search);
      if (dependency === undefined || (dependency.path === undefined && !dependent.isBundled)) continue;
      const { needs, traits } = await read(dependency, facts.arch);
      found.push({ ...dependency, goRuntime: traits.goRuntime, allocator: traits.allocator });
      if (dependency.path === undefined || needs === undefined) continue;
      dependents.push({ path: dependency.path, needs, inherited: search.inheritedFrom(dependent), isBundled: dependency.isBundled });
    }
  }
  return found;
}

type Found = Omit<Dependency, 'goRuntime' | 'allocator'>;

/** Undefined if the search is incomplete, so that the library may or may not be missing. */
async function find(name: string, dependent: Dependent, kind: string | undefined, search: Search): Promise<Found | undefined> {
  const { paths, isIncomplete } = search.candidatesFor(name, dependent);
  for (const path of paths) {
    if (!(await isKind(path, kind))) continue;
    return { name, neededBy: dependent.path, path, isBundled: !search.isSystem(path), isBeside: false };
  }
  const own = nodeLibraries().get(name);
  if (own !== undefined) return { name, neededBy: dependent.path, path: own, isBundled: false, isBeside: false };
  if (isIncomplete) return undefined;
  return { name, neededBy: dependent.path, path: undefined, isBundled: false, isBeside: existsSync(join(dirname(dependent.path), name)) };
}

/** Linux's loader skips files for another machine; elsewhere the loader takes the first file with the name. */
async function isKind(path: string, kind: string | undefined): Promise<boolean> {
  return kind === undefined ? existsSync(path) : (await elfKind(path)) === kind;
}

interface Read {
  readonly needs: Needs | undefined;
  readonly traits: Pick<Traits, 'goRuntime' | 'allocator'>;
}

/** Bundled libraries are read in full. Libraries that Node needs are already loaded, with all their dependencies. */
async function read({ name, path, isBundled }: Found, arch: string): Promise<Read> {
  if (path !== undefined && isBundled) {
    const facts = await readLibraryFile(path, arch);
    return { needs: facts, traits: facts.traits };
  }
  const isNew = path !== undefined && !nodeLibraries().has(name);
  return { needs: isNew ? needsOfFile(path) : undefined, traits: { goRuntime: false, allocator: SYSTEM_ALLOCATOR.test(name) } };
}

/** Width, byte order and machine: the loader skips libraries that differ in these. Undefined if it is not an ELF file. */
async function elfKind(path: string): Promise<string | undefined> {
  // Not a regular file: the loader goes on to the next folder, too.
  const opened = await openRegularFile(path).catch(() => undefined);
  if (opened === undefined) return undefined;
  try {
    const { buffer } = await opened.handle.read(Buffer.alloc(20), 0, 20, 0);
    const isElf = buffer.toString('latin1', 0, 4) === '\x7fELF';
    return isElf ? `${buffer.toString('hex', 4, 6)}-${buffer.toString('hex', 18, 20)}` : undefined;
  } catch {
    return undefined;
  } finally {
    await opened.handle.close();
  }
}
