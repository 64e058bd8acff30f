import type { Forward } from './export-list.js';
import type { Note } from './note.js';

export type Format = 'elf' | 'macho' | 'pe';

/** The C library a file was linked against. What triage makes has both as own members: a host may have added a `version` to Object.prototype. */
export interface Libc {
  readonly flavour: 'glibc' | 'musl';
  /** For a library: the newest glibc it needs (`2.34`). For a host: the one it has. */
  readonly version?: string | undefined;
}

/** The code signature of a Mach-O library. Who signed it is not checked. Plain data. */
export interface CodeSignature {
  /**
   * `valid`: the hashes in it match the file. `broken`: they do not, or it cannot be read. `unchecked`: the library is too large
   * to compare, or the hash algorithm is unknown.
   */
  readonly state: 'valid' | 'broken' | 'missing' | 'unchecked';
  /** What is wrong with a broken one. */
  readonly problem: string | undefined;
  /** The developer team that signed it, as the signature says. Undefined for an ad-hoc signature. */
  readonly teamId: string | undefined;
}

/** Properties that matter to a host but do not decide whether the library can be opened. */
export interface Traits {
  /** Functions that run when the library is opened. The compiler's start-up files add some (gcc: two). */
  readonly constructors: number;
  /** PE: the library has an entry point (DllMain), which runs when it is opened. */
  readonly entryPoint: boolean;
  /** Has thread-local variables. */
  readonly threadLocals: boolean;
  /** ELF: uses static TLS, of which a process reserves a fixed amount at start (DF_STATIC_TLS). */
  readonly staticThreadLocals: boolean;
  /** ELF: linked never to be unloaded (DF_1_NODELETE). */
  readonly neverUnloads: boolean;
  /**
   * ELF: defines STB_GNU_UNIQUE symbols (static data of C++ templates and inline functions). All libraries in a process
   * that define the same symbol share it, and the library is never unloaded.
   */
  readonly uniqueSymbols: boolean;
  /** ELF: opening it makes the stacks of the whole process executable. */
  readonly executableStack: boolean;
  /** ELF: the loader changes code when it opens the library (DF_TEXTREL); systems with stricter rules refuse that. */
  readonly textRelocations: boolean;
  /** ELF: has memory that is both writable and executable. */
  readonly writableCode: boolean;
  /** Contains a Go runtime. Two Go runtimes in one process are unsafe. */
  readonly goRuntime: boolean;
  /** ELF: exports allocator functions: malloc, free, operator new and the like. */
  readonly allocator: boolean;
  /** ELF: may start threads; not examined if `staysMapped` says something. */
  readonly startsThreads: boolean;
  /** ELF: why it is unsafe to unmap the library before the process ends, as far as the file says; undefined if nothing speaks against it. */
  readonly staysMapped: string | undefined;
}

/** A library's dependencies, and the name by which other libraries depend on it. */
export type Needs = Pick<Facts, 'ownName' | 'needed' | 'searchPaths' | 'searchPathsInherited'>;

/** Facts about a library, read from the file alone. Plain data. */
export interface Facts {
  readonly format: Format;
  readonly bits: 32 | 64;
  /** As in `os.endianness()`. */
  readonly endianness: 'LE' | 'BE';
  /** As in `process.arch` (`x64`, `arm64` …); `machine N` for architectures that Node does not name. */
  readonly arch: string;
  /** All architectures in the file: more than one only in a fat Mach-O. The other facts are those of `arch`. */
  readonly archs: readonly string[];
  /** As in `process.platform`; undefined if the file does not say. */
  readonly os: string | undefined;
  /** Mach-O: the oldest macOS that the library is built for (`13.0`); undefined if the file does not say. */
  readonly minSystemVersion: string | undefined;
  /** ELF: undefined if it uses none, or one that is not recognized. */
  readonly libc: Libc | undefined;
  /** The name by which other libraries depend on it: SONAME, LC_ID_DYLIB. Undefined if it has none. */
  readonly ownName: string | undefined;
  /** Exported names, as passed to dlsym or GetProcAddress (Mach-O: without the leading underscore). */
  readonly exports: readonly string[];
  /** `exports` is incomplete: there are over 262,144, or over 64 MiB of names. */
  readonly exportsTruncated: boolean;
  /** The `exports` that are defined in another library. */
  readonly forwards: readonly Forward[];
  /** Required libraries, as written in the file. */
  readonly needed: readonly string[];
  /** Optional libraries: PE delay imports, Mach-O weak and lazy ones. */
  readonly neededOptionally: readonly string[];
  /** Folders searched for `needed`, as written: RUNPATH or RPATH, LC_RPATH. */
  readonly searchPaths: readonly string[];
  /** ELF: `searchPaths` also apply to indirect dependencies (RPATH; RUNPATH does not). */
  readonly searchPathsInherited: boolean;
  /** The plugin note; undefined if missing or invalid. */
  readonly note: Note | undefined;
  /** Why the exported note is invalid. */
  readonly noteProblem: string | undefined;
  /** Mach-O; undefined for other formats. */
  readonly codeSignature: CodeSignature | undefined;
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
  textRelocations: false,
  writableCode: false,
  goRuntime: false,
  allocator: false,
  startsThreads: false,
  staysMapped: undefined,
};
