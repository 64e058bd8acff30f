import { closeSync, fstatSync, openSync } from 'node:fs';
import { mappedLibc } from '../machine/libc-flavour.js';
import { FileSource } from './byte-source.js';
import { openElf } from './elf/elf.js';
import { newestGlibc } from './elf/platform.js';
import { definedVersions } from './elf/versions.js';
import type { Libc } from './facts.js';

let known: { readonly libc: Libc | undefined } | undefined;

/** The C library of this process with its version, read once. Undefined on other systems than Linux, and if it is linked statically. */
export function hostLibc(): Libc | undefined {
  known ??= { libc: readLibc() };
  return known.libc;
}

function readLibc(): Libc | undefined {
  const found = mappedLibc();
  if (found === undefined) return undefined;
  return found.flavour === 'glibc' ? { flavour: 'glibc', version: versionOf(found.path) } : { flavour: 'musl', version: undefined };
}

/** The newest symbol version that the C library defines: the loader compares a library's needs with it. */
function versionOf(path: string): string | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const { dynamic, segments } = openElf(new FileSource(fd, fstatSync(fd).size));
      return newestGlibc(definedVersions(dynamic, segments));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // The file was replaced since the process started.
  }
}
