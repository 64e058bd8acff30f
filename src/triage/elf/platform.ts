import type { Libc } from '../facts.js';
import { newest } from '../version.js';
import type { ElfNote } from './notes.js';

/** EI_OSABI → Node's word. Most files say 0, which says nothing. */
const OSABI: Readonly<Record<number, string>> = { 2: 'netbsd', 3: 'linux', 6: 'sunos', 9: 'freebsd', 12: 'openbsd' };
/** Who leaves an ABI note (type 1) → Node's word. */
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

/** An ELF file has no field for its system; this goes by the marks that compilers and C libraries leave. */
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
  if (needed.some((name) => name === 'libc.so.6' || name.startsWith('ld-linux'))) return { flavour: 'glibc' };
  // Android's C library has musl's file name, but symbol versions of its own.
  const android = neededVersions.includes('LIBC');
  const musl = needed.some((name) => name === 'libc.so' || name.startsWith('libc.musl-') || name.startsWith('ld-musl-'));
  return musl && !android ? { flavour: 'musl' } : undefined;
}

/** The newest `x.y` among version names `GLIBC_x.y`. */
export function newestGlibc(versionNames: readonly string[]): string | undefined {
  const versions = versionNames.flatMap((name) => {
    // Packed relative relocations: a mark rather than a version, understood since 2.36.
    if (name === 'GLIBC_ABI_DT_RELR') return ['2.36'];
    return /^GLIBC_(\d+(?:\.\d+)+)$/.exec(name)?.[1] ?? [];
  });
  return newest(versions);
}
