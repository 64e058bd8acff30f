import { MalformedFileError } from '../malformed-file.js';
import type { Reader } from '../reader.js';
import type { Dynamic } from './dynamic.js';
import type { Segments } from './segments.js';
import { readImports, type Import } from './symbols.js';

/** Libraries of the system that keep no pointer into their users, except through the functions in `RETAINS`. */
const SYSTEM = /^(?:lib(?:c|m|dl|rt|pthread|gcc_s|stdc\+\+)\.so\.\d+|ld-linux[-\w]*\.so\.\d+)$/;

/** Weak symbols that the compiler's start-up files import, and that usually nothing defines. */
const OF_START_FILES: readonly string[] = ['__gmon_start__', '_ITM_registerTMCloneTable', '_ITM_deregisterTMCloneTable', '__cxa_finalize'];

/** Functions through which a pointer into the library, or code in it, may outlive a dlclose. */
const RETAINS: Readonly<Record<string, readonly string[]>> = {
  'a destructor of thread-local data': ['__cxa_thread_atexit_impl', '__cxa_thread_atexit', 'pthread_key_create', '__pthread_key_create', 'tss_create'],
  'a signal handler': ['signal', 'sigaction', '__sigaction', 'bsd_signal', '__sysv_signal', 'sysv_signal', 'sigset', 'ssignal', 'sigaltstack', 'sigvec'],
  'an exit handler': ['on_exit', 'atexit', 'at_quick_exit', '__cxa_at_quick_exit', 'pthread_atfork', '__register_atfork'],
  'a function for a later time': ['timer_create', 'mq_notify', 'getaddrinfo_a', 'lio_listio', 'aio_read', 'aio_write', 'aio_fsync', 'lio_listio64', 'aio_read64', 'aio_write64', 'aio_fsync64'],
  'a stream or its buffer': ['fopencookie', 'setvbuf', 'setbuf', 'setbuffer'],
  'text or data of its own': ['putenv', 'environ', '__environ', '_environ', 'openlog', 'initstate', 'setstate', 'initstate_r', 'setstate_r'],
  'a function that the C library calls': ['register_printf_function', 'register_printf_specifier', 'register_printf_modifier', 'register_printf_type', 'obstack_alloc_failed_handler', 'argp_program_version_hook', '__register_frame', '__register_frame_info'],
  'a function that the C++ library calls': ['_ZSt13set_terminatePFvvE', '_ZSt14set_unexpectedPFvvE', '_ZSt15set_new_handlerPFvvE', '_ZNSt6locale6globalERKS_', '_ZNSt8ios_base17register_callbackEPFvNS_5eventERS_iEi', '_ZNSt9basic_iosIcSt11char_traitsIcEE5rdbufEPSt15basic_streambufIcS1_E'],
  'another library': ['dlopen', 'dlmopen', 'dlsym', 'dlvsym'],
  'system calls of its own': ['syscall', 'clone', '__clone', '__clone2'],
};
const WHAT = new Map(Object.entries(RETAINS).flatMap(([what, names]) => names.map((name) => [name, what] as const)));

const STARTS_THREADS = /^(?:pthread_create|thrd_create|_ZNSt6thread15_M_start_thread.*)$/;

export interface Unloading {
  /** What in the file makes it unsafe to unmap the library before the process ends, as the end of a sentence. */
  readonly staysMapped: string | undefined;
  readonly startsThreads: boolean;
}

/** What was read of the library before. */
export interface UnloadingMarks {
  readonly needed: readonly string[];
  readonly neverUnloads: boolean;
  readonly uniqueSymbols: boolean;
  readonly staticThreadLocals: boolean;
  /** Not all of its symbols could be read. */
  readonly isIncomplete: boolean;
}

/**
 * Whether a library can be unmapped by dlclose, as far as its file says. Only what is known to be harmless passes: the imports of
 * a library must all be of the C or C++ library (those have symbol versions, other imports could be anything of the process).
 */
export function readUnloading(reader: Reader, dynamic: Dynamic, segments: Segments, count: number, marks: UnloadingMarks): Unloading {
  const known = ofFlags(marks) ?? ofNeeded(marks.needed);
  if (known !== undefined) return { staysMapped: known, startsThreads: true };
  try {
    const imports = readImports(reader, dynamic, segments, count);
    return { staysMapped: ofImports(imports), startsThreads: imports.some(({ name }) => STARTS_THREADS.test(name)) };
  } catch (error) {
    if (!(error instanceof MalformedFileError)) throw error;
    return { staysMapped: 'its imports cannot be read', startsThreads: true };
  }
}

function ofFlags({ neverUnloads, uniqueSymbols, staticThreadLocals, isIncomplete }: UnloadingMarks): string | undefined {
  if (neverUnloads) return 'it is linked with -z nodelete';
  if (uniqueSymbols) return 'it defines unique symbols of C++ (STB_GNU_UNIQUE), which other libraries may use';
  if (staticThreadLocals) return 'it uses static thread-local storage, which is not given back';
  return isIncomplete ? 'it has too many symbols to read them all' : undefined;
}

function ofNeeded(needed: readonly string[]): string | undefined {
  const other = needed.find((name) => !SYSTEM.test(name));
  return other && `it needs ${other}, which may keep pointers into it`;
}

function ofImports(imports: readonly Import[]): string | undefined {
  for (const { name } of imports) {
    const what = WHAT.get(name);
    if (what !== undefined) return `it may leave behind ${what} (it imports ${name})`;
  }
  const foreign = imports.find(({ name, isVersioned }) => !isVersioned && !OF_START_FILES.includes(name));
  if (foreign !== undefined) return `it imports ${foreign.name}, which is not of the C or C++ library and may keep pointers into it`;
  const names = imports.map(({ name }) => name);
  // The compiler's start-up files run the exit handlers of a library when it is closed; a library without them does not.
  return names.includes('__cxa_atexit') && !names.includes('__cxa_finalize') ? 'it registers exit handlers that do not run when it is closed' : undefined;
}
