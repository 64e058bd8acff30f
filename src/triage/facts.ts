import type { Forward } from './names.js';
import type { Note } from './note.js';

export type Format = 'elf' | 'macho' | 'pe';

/** The C library a file was linked against. */
export interface Libc {
  readonly flavour: 'glibc' | 'musl';
  /** For a library: the newest glibc it needs (`2.34`). For a host: the one it has. */
  readonly version?: string;
}

/** What is worth knowing before code runs, beyond whether it can. */
export interface Traits {
  /** Functions that run when the library is opened. A C compiler's start-up files bring some of their own (gcc: two). */
  readonly constructors: number;
  /** PE: the library has an entry point (DllMain), which runs when it is opened. */
  readonly entryPoint: boolean;
  /** It has thread-local variables. */
  readonly threadLocals: boolean;
  /** ELF: its thread-local variables want a place that is laid out when the process starts (DF_STATIC_TLS). */
  readonly staticThreadLocals: boolean;
  /** ELF: it asks never to be unloaded (DF_1_NODELETE). */
  readonly neverUnloads: boolean;
  /**
   * ELF: it defines STB_GNU_UNIQUE symbols (static data of C++ templates and inline functions). All libraries of a process
   * that define the same one share it, and the library is never unloaded.
   */
  readonly uniqueSymbols: boolean;
  /** ELF: opening it makes the stacks of the whole process executable. */
  readonly executableStack: boolean;
  /** It brings a Go runtime. Two of them in one process are unsafe. */
  readonly goRuntime: boolean;
  /** ELF: it exports functions of an allocator: malloc, free, operator new and the like. */
  readonly allocator: boolean;
}

/** What a library needs, and by which name it is needed. */
export type Needs = Pick<Facts, 'ownName' | 'needed' | 'searchPaths' | 'searchPathsInherited'>;

/** What a library says of itself, read from the file alone. Plain data. */
export interface Facts {
  readonly format: Format;
  readonly bits: 32 | 64;
  /** As `os.endianness()` has it. */
  readonly endianness: 'LE' | 'BE';
  /** As `process.arch` has it (`x64`, `arm64` …); `machine N` where Node has no word. */
  readonly arch: string;
  /** Every architecture in the file: more than one only in a fat Mach-O. The rest of the facts are those of `arch`. */
  readonly archs: readonly string[];
  /** As `process.platform` has it; undefined where the file does not say. */
  readonly os: string | undefined;
  /** ELF: undefined where it uses none, or one that is not told apart. */
  readonly libc: Libc | undefined;
  /** The name by which libraries that need it ask for it: SONAME, LC_ID_DYLIB, the name of a DLL. Undefined if it has none. */
  readonly ownName: string | undefined;
  /** Exported names, as dlsym or GetProcAddress want them (Mach-O: without the leading underscore). */
  readonly exports: readonly string[];
  /** There are more exports than were read (over 262,144, or over 64 MiB of names). */
  readonly exportsTruncated: boolean;
  /** Those of `exports` that another library defines. */
  readonly forwards: readonly Forward[];
  /** Libraries without which it does not open, as they are written in the file. */
  readonly needed: readonly string[];
  /** Libraries that it opens without: PE delay imports, Mach-O weak and lazy ones. */
  readonly neededOptionally: readonly string[];
  /** Folders where `needed` are looked for first, as written: RUNPATH or RPATH, LC_RPATH. */
  readonly searchPaths: readonly string[];
  /** ELF: `searchPaths` also apply to what the needed libraries need themselves (RPATH; RUNPATH does not). */
  readonly searchPathsInherited: boolean;
  /** The plugin note; undefined where there is none, or none that makes sense. */
  readonly note: Note | undefined;
  /** Why an exported note could not be used. */
  readonly noteProblem: string | undefined;
  readonly traits: Traits;
}

export const NO_TRAITS: Traits = {
  constructors: 0,
  entryPoint: false,
  threadLocals: false,
  staticThreadLocals: false,
  neverUnloads: false,
  uniqueSymbols: false,
  executableStack: false,
  goRuntime: false,
  allocator: false,
};
