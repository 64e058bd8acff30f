import { basename } from 'node:path';
import { libcNamed } from '../errors/libc-named.js';
import { mappedLibraries } from './mapped-libraries.js';

export interface MappedLibc {
  readonly flavour: 'glibc' | 'musl';
  readonly path: string;
}

let known: { readonly libc: MappedLibc | undefined } | undefined;

/** The C library of this process, found once. Undefined on other systems than Linux, and if it is linked statically. */
export function mappedLibc(): MappedLibc | undefined {
  // `process.report.getReport()` names it too, but resolves the host names of all open connections, which can take seconds.
  known ??= { libc: process.platform === 'linux' ? libcAmong(mappedLibraries()) : undefined };
  return known.libc;
}

/**
 * musl's C library is its loader. Where that is a link, the system shows the file behind it: `libc.so` or `libc.musl-*`. No
 * process with glibc has these for its own C library, but a library that it has opened may have such a name.
 */
export function libcAmong(libraries: readonly string[]): MappedLibc | undefined {
  const named = (test: (name: string) => boolean): string | undefined => libraries.find((path) => test(basename(path)));
  const loader = named((name) => name.startsWith('ld-musl-'));
  if (loader !== undefined) return { flavour: 'musl', path: loader };
  const glibc = named((name) => /^libc(\.so\.6|-[\d.]+\.so)$/.test(name));
  if (glibc !== undefined) return { flavour: 'glibc', path: glibc };
  const musl = named((name) => libcNamed(name) === 'musl');
  return musl === undefined ? undefined : { flavour: 'musl', path: musl };
}
