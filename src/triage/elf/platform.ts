import { libcNamed } from '../../errors/libc-named.js';
import type { Libc } from '../facts.js';
import { newest } from '../version.js';
import type { ElfNote } from './notes.js';

/** EI_OSABI → Node's name. Most files have 0, which says nothing. */
const OSABI: Readonly<Record<number, string>> = { 2: 'netbsd', 3: 'linux', 6: 'sunos', 9: 'freebsd', 12: 'openbsd' };
/** Owner of an ABI note (type 1) → Node's name. */
const NOTE_OWNERS: Readonly<Record<string, string>> = {
  Android: 'android',
  FreeBSD: 'freebsd',
  NetBSD: 'netbsd',
  OpenBSD: 'openbsd',
};
const ABI_NOTE = 1;

export interface ElfMarks {
  readonly osabi: number;
  readonly notes: readonly ElfNote[];
  readonly needed: readonly string[];
  readonly neededVersions: readonly string[];
}

/** ELF has no reliable field for the operating system, so this looks at notes, needed libraries and symbol versions. */
export function elfPlatform(marks: ElfMarks): { readonly os: string | undefined; readonly libc: Libc | undefined } {
  const noted = marks.notes.find(({ owner, type }) => type === ABI_NOTE && owner in NOTE_OWNERS);
  const os = noted === undefined ? OSABI[marks.osabi] : NOTE_OWNERS[noted.owner];
  if (os !== undefined && os !== 'linux') return { os, libc: undefined };
  if (marks.neededVersions.some((name) => name.startsWith('FBSD_'))) return { os: 'freebsd', libc: undefined };

  const libc = libcOf(marks);
  const gnuNote = marks.notes.some(({ owner, type, value }) => owner === 'GNU' && type === ABI_NOTE && value === 0);
  return { os: libc !== undefined || gnuNote ? 'linux' : os, libc };
}

function libcOf({ needed, neededVersions }: ElfMarks): Libc | undefined {
  const glibc = newestGlibc(neededVersions);
  if (glibc !== undefined) return { flavour: 'glibc', version: glibc };
  if (needed.some((name) => libcNamed(name) === 'glibc')) return { flavour: 'glibc', version: undefined };
  // Android's C library has the same file name as musl, but its own symbol versions.
  const android = neededVersions.includes('LIBC');
  const musl = needed.some((name) => libcNamed(name) === 'musl');
  return musl && !android ? { flavour: 'musl', version: undefined } : undefined;
}

/** The newest `x.y` among version names `GLIBC_x.y`. */
export function newestGlibc(versionNames: readonly string[]): string | undefined {
  const versions = versionNames.flatMap((name) => {
    // Marks packed relative relocations, which glibc supports since 2.36.
    if (name === 'GLIBC_ABI_DT_RELR') return ['2.36'];
    return /^GLIBC_(\d+(?:\.\d+)+)$/.exec(name)?.[1] ?? [];
  });
  return newest(versions);
}
