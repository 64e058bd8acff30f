import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
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
  const libraries = mappedLibraries();
  if (libraries.some((path) => basename(path).startsWith('ld-musl-'))) return { flavour: 'musl' };
  const glibc = libraries.find((path) => /^libc(\.so\.6|-[\d.]+\.so)$/.test(basename(path)));
  return glibc === undefined ? undefined : { flavour: 'glibc', ...versionOf(glibc) };
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
