import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { libcNamed } from '../errors/libc-named.js';
import { FileSource } from './byte-source.js';
import { openElf } from './elf/elf.js';
import { newestGlibc } from './elf/platform.js';
import { definedVersions } from './elf/versions.js';
import type { Libc } from './facts.js';
import { mappedLibraries } from './mapped-libraries.js';

let known: { readonly libc: Libc | undefined } | undefined;

/** The C library of this process, detected once. Undefined on other systems than Linux, and if it is linked statically. */
export function hostLibc(): Libc | undefined {
  known ??= { libc: process.platform === 'linux' ? findLibc() : undefined };
  return known.libc;
}

/**
 * Looks at the libraries mapped into this process. `process.report.getReport()` has the same information,
 * but resolves the host names of all open connections, which can take seconds.
 */
function findLibc(): Libc | undefined {
  const found = libcAmong(mappedLibraries());
  if (found === undefined) return undefined;
  return found.flavour === 'glibc' ? { flavour: 'glibc', ...versionOf(found.path) } : { flavour: 'musl' };
}

/**
 * musl's C library is its loader. Where that is a link, the system shows the file behind it: `libc.so` or `libc.musl-*`. No
 * process with glibc has these for its own C library, but a library that it has opened may have such a name.
 */
export function libcAmong(libraries: readonly string[]): { readonly flavour: Libc['flavour']; readonly path: string } | undefined {
  const named = (test: (name: string) => boolean): string | undefined => libraries.find((path) => test(basename(path)));
  const loader = named((name) => name.startsWith('ld-musl-'));
  if (loader !== undefined) return { flavour: 'musl', path: loader };
  const glibc = named((name) => /^libc(\.so\.6|-[\d.]+\.so)$/.test(name));
  if (glibc !== undefined) return { flavour: 'glibc', path: glibc };
  const musl = named((name) => libcNamed(name) === 'musl');
  return musl === undefined ? undefined : { flavour: 'musl', path: musl };
}

/** The newest symbol version that the C library defines: the loader compares a library's needs with it. */
function versionOf(path: string): { readonly version?: string } {
  try {
    const fd = openSync(path, 'r');
    try {
      const { dynamic, segments } = openElf(new FileSource(fd, fstatSync(fd).size));
      const version = newestGlibc(definedVersions(dynamic, segments));
      return version === undefined ? {} : { version };
    } finally {
      closeSync(fd);
    }
  } catch {
    return {}; // The file was replaced since the process started: version unknown.
  }
}
