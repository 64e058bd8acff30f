import { buildElf, elfNote } from './build-elf.js';
import { buildFat, buildMacho, CPU } from './build-macho.js';
import { buildPe } from './build-pe.js';
import { noteBytes, REQUIRED } from './bytes.js';

const SYMBOLS = REQUIRED.map((name) => `_${name}`);
const elf = {
  exports: REQUIRED,
  note: noteBytes(),
  needed: ['libm.so.6', 'libc.so.6'],
  runpath: '$ORIGIN',
  versions: { 'libm.so.6': ['GLIBC_2.29'], 'libc.so.6': ['GLIBC_2.4', 'GLIBC_2.34'] },
  segments: [[0x6474e551, 6]],
  systemNotes: elfNote('GNU', 1, 0),
} as const;
const pe = {
  exports: REQUIRED,
  forwards: { sleep: 'KERNEL32.Sleep' },
  imports: ['KERNEL32.dll'],
  delayImports: ['USER32.dll', 'GDI32.dll'],
  callbacks: 2,
} as const;
const macho = {
  exports: SYMBOLS,
  reexports: { _here: '_there' },
  note: noteBytes(),
  needed: ['/usr/lib/libSystem.B.dylib'],
  rpaths: ['@loader_path'],
  platform: 1,
  sections: [['__mod_init_func', 0x9, 16]],
} as const;

/** One library of each kind that uses every table its reader knows. */
export const SAMPLES: readonly { readonly name: string; readonly bytes: Buffer }[] = [
  { name: 'ELF, 64-bit', bytes: buildElf(elf) },
  { name: 'ELF, 64-bit, big-endian', bytes: buildElf({ ...elf, machine: 22, littleEndian: false, hash: 'sysv', note: noteBytes({}, 8, false), systemNotes: Buffer.alloc(0) }) },
  { name: 'ELF, 32-bit', bytes: buildElf({ ...elf, bits: 32, machine: 40, note: noteBytes({}, 4) }) },
  { name: 'PE32+', bytes: buildPe({ ...pe, note: noteBytes() }) },
  { name: 'PE32', bytes: buildPe({ ...pe, bits: 32, machine: 0x14c, note: noteBytes({}, 4) }) },
  { name: 'Mach-O with a trie', bytes: buildMacho(macho) },
  { name: 'Mach-O with a symbol table', bytes: buildMacho({ ...macho, exportsIn: 'symbol-table' }) },
  { name: 'fat Mach-O', bytes: buildFat([[CPU.x64, buildMacho({ ...macho, cpu: CPU.x64 })], [CPU.arm64, buildMacho(macho)]]) },
];
