import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openRegularFile } from '../files/index.js';
import type { Facts, Libc, Needs, Traits } from './facts.js';
import { needsOfFile, ownLibraries } from './own-libraries.js';
import { readLibraryFile } from './read-library.js';
import { searchFor, type Search, type User } from './search.js';

/** A library that a plugin needs, by itself or through another one. Plain data. */
export interface Dependency {
  /** As the library that needs it writes it. */
  readonly name: string;
  /** The path of the library that needs it; of the first one, if several do. */
  readonly neededBy: string;
  /** The file that the system's loader will find; undefined if there is none. */
  readonly path: string | undefined;
  /** It lies in no folder of the system's: the plugin brings it. */
  readonly isBundled: boolean;
  /** It is missing, and yet lies beside `neededBy`, which does not look there. */
  readonly isBeside: boolean;
  /** A bundled one: what matters to the process that opens it. */
  readonly goRuntime: boolean;
  readonly allocator: boolean;
}

/** The plugin, or a library that it needs, exports an allocator. */
export const bringsAllocator = ({ traits, dependencies = [] }: { readonly traits: Traits; readonly dependencies?: readonly Dependency[] }): boolean =>
  traits.allocator || dependencies.some(({ allocator }) => allocator);

/** Far more than real plugins need. */
const MAX_LIBRARIES = 512;

/** An allocator of the system's, by its name: other libraries of the system's are not read for this. */
const SYSTEM_ALLOCATOR = /^lib(?:je|tc|mi|rp|sn)malloc/;

/**
 * What the library at `path` needs, in the order in which the system's loader looks for it. Complete on Linux; elsewhere only
 * what lies where the library itself says. A library that the system's own libraries need is not called missing.
 * Even on Linux it is a hint and not a proof: a missing library may be in memory already, under another file name.
 * Throws LoadError ERR_LIBRARY_FORMAT for a bundled library that is damaged: opening it could end the process.
 */
export async function findDependencies(path: string, facts: Facts, libc: Libc | undefined): Promise<Dependency[]> {
  // What is needed by a library for another machine is not looked for on this one.
  const search = facts.arch === process.arch ? await searchFor(facts.format, libc) : undefined;
  if (search === undefined) return [];
  const kind = await elfKind(path);
  const found: Dependency[] = [];
  const seen = new Set<string>();
  const users: (User & { readonly isBundled: boolean })[] = [{ path, needs: facts, inherited: [], isBundled: true }];
  for (const user of users) {
    for (const name of user.needs.needed) {
      if (seen.has(name) || found.length >= MAX_LIBRARIES) continue;
      seen.add(name);
      const dependency = await find(name, user, kind, search);
      if (dependency === undefined || (dependency.path === undefined && !user.isBundled)) continue;
      const { needs, traits } = await read(dependency, facts.arch);
      found.push({ ...dependency, goRuntime: traits.goRuntime, allocator: traits.allocator });
      if (dependency.path === undefined || needs === undefined) continue;
      users.push({ path: dependency.path, needs, inherited: search.handsDown(user), isBundled: dependency.isBundled });
    }
  }
  return found;
}

type Found = Omit<Dependency, 'goRuntime' | 'allocator'>;

/** Undefined if it cannot be told. */
async function find(name: string, user: User, kind: string | undefined, search: Search): Promise<Found | undefined> {
  const { paths, isIncomplete } = search.placesOf(name, user);
  for (const path of paths) {
    if (!(await isKind(path, kind))) continue;
    return { name, neededBy: user.path, path, isBundled: !search.isSystem(path), isBeside: false };
  }
  const own = ownLibraries().get(name);
  if (own !== undefined) return { name, neededBy: user.path, path: own, isBundled: false, isBeside: false };
  if (isIncomplete) return undefined;
  return { name, neededBy: user.path, path: undefined, isBundled: false, isBeside: existsSync(join(dirname(user.path), name)) };
}

/** The loader passes over files for another machine. On other systems than Linux it takes the first file that is there. */
async function isKind(path: string, kind: string | undefined): Promise<boolean> {
  return kind === undefined ? existsSync(path) : (await elfKind(path)) === kind;
}

interface Read {
  readonly needs: Needs | undefined;
  readonly traits: Pick<Traits, 'goRuntime' | 'allocator'>;
}

/** A bundled library is read whole. What Node itself needs is there already, and needs nothing that is not. */
async function read({ name, path, isBundled }: Found, arch: string): Promise<Read> {
  if (path !== undefined && isBundled) {
    const facts = await readLibraryFile(path, arch);
    return { needs: facts, traits: facts.traits };
  }
  const isNew = path !== undefined && !ownLibraries().has(name);
  return { needs: isNew ? needsOfFile(path) : undefined, traits: { goRuntime: false, allocator: SYSTEM_ALLOCATOR.test(name) } };
}

/** Width, byte order and machine: the loader passes over libraries that differ in these. Undefined for what is no ELF file. */
async function elfKind(path: string): Promise<string | undefined> {
  // No file of that name, or something else of that name: the loader goes on to the next folder, too.
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
