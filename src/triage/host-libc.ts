import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { FileSource } from './byte-source.js';
import { openElf } from './elf/elf.js';
import { newestGlibc } from './elf/platform.js';
import { definedVersions } from './elf/versions.js';
import type { Libc } from './facts.js';
import { mappedLibraries } from './mapped-libraries.js';

let known: { readonly libc: Libc | undefined } | undefined;

/** The C library of this process; found out once. Undefined where it is not Linux's, or is linked in. */
export function hostLibc(): Libc | undefined {
  known ??= { libc: process.platform === 'linux' ? findLibc() : undefined };
  return known.libc;
}

/**
 * Goes by the libraries that are open in this process. `process.report.getReport()` would say as much,
 * but it asks the network for the names of all open connections, which can take seconds.
 */
function findLibc(): Libc | undefined {
  const libraries = mappedLibraries();
  if (libraries.some((path) => basename(path).startsWith('ld-musl-'))) return { flavour: 'musl' };
  const glibc = libraries.find((path) => /^libc(\.so\.6|-[\d.]+\.so)$/.test(basename(path)));
  return glibc === undefined ? undefined : { flavour: 'glibc', ...versionOf(glibc) };
}

/** The newest version that the C library defines is what the loader compares a library's needs with. */
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
    return {}; // replaced since the process started: then its version is not known
  }
}
