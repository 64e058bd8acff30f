import { Buffer } from 'node:buffer';
import { dirname, join, resolve } from 'node:path';
import { openRegularFile } from '../files/index.js';
import type { Facts, Libc } from './facts.js';
import { systemFolders } from './system-folders.js';

/** musl's loader takes all of these for itself, whatever files there are. */
const BUILT_INTO_MUSL = /^lib(c|pthread|rt|m|dl|util|xnet)\./;

/**
 * The needed libraries that are not there as files, on Linux. Elsewhere none: macOS keeps the system's libraries
 * in a cache without files, and Windows has names (API sets) that are no files.
 * Even on Linux it is a hint and not a proof: the library may be in memory already, under another file name.
 */
export async function missingLibraries(path: string, facts: Facts, hostLibc: Libc | undefined): Promise<string[]> {
  // What is needed by a library for another machine is not looked for on this one.
  if (process.platform !== 'linux' || facts.format !== 'elf' || facts.arch !== process.arch) return [];
  const origin = dirname(resolve(path));
  const folders = [
    ...facts.searchPaths.map((folder) => expandOrigin(folder, origin)),
    ...(process.env.LD_LIBRARY_PATH ?? '').split(/[:;]/).filter((folder) => folder !== ''),
    ...(await systemFolders(hostLibc)),
  ];
  // A folder with another variable ($LIB, $PLATFORM) may be anywhere: then nothing can be called missing.
  if (folders.some((folder) => folder.includes('$'))) return [];

  const kind = await elfKind(path);
  const missing: string[] = [];
  for (const name of facts.needed) {
    if (hostLibc?.flavour === 'musl' && BUILT_INTO_MUSL.test(name)) continue;
    const candidates = name.includes('/') ? [expandOrigin(name, origin)] : folders.map((folder) => join(folder, name));
    if (!(await anyOfKind(candidates, kind))) missing.push(name);
  }
  return missing;
}

const expandOrigin = (path: string, origin: string): string => path.replace(/\$(?:ORIGIN\b|\{ORIGIN\})/g, () => origin);

async function anyOfKind(paths: readonly string[], kind: string | undefined): Promise<boolean> {
  for (const path of paths) if ((await elfKind(path)) === kind) return true;
  return false;
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
