import { koffi } from './koffi-settings.js';
import type { Address, Opaque } from './memory.js';

/**
 * The C functions that this package calls by address: result, then arguments. Pointers are passed as `uintptr_t` Numbers,
 * which is koffi's fast path. They are data, because the threads that make native calls have a koffi of their own.
 */
export const SIGNATURES = {
  abiVersion: ['uint32_t', []],
  create: ['uintptr_t', []],
  destroy: ['void', ['uintptr_t']],
  /** register_capabilities, init, reconfigure, restore and invoke: three pointers in, a status out. */
  call: ['int32_t', ['uintptr_t', 'uintptr_t', 'uintptr_t']],
  shutdown: ['int32_t', ['uintptr_t', 'uintptr_t']],
  save: ['int32_t', ['uintptr_t', 'uintptr_t']],
  getExtension: ['uintptr_t', ['uintptr_t', 'uintptr_t']],
  release: ['void', ['uintptr_t', 'uintptr_t']],
  cancel: ['void', ['uintptr_t', 'uint64_t']],
  onReply: ['void', ['uintptr_t', 'uintptr_t']],
  dlopen: ['uintptr_t', ['uintptr_t', 'int']],
  dlclose: ['int', ['uintptr_t']],
  LoadLibraryExW: ['uintptr_t', ['uintptr_t', 'uintptr_t', 'uint32_t']],
  GetModuleHandleExW: ['int', ['uint32_t', 'uintptr_t', 'uintptr_t']],
} as const satisfies Record<string, readonly [result: string, arguments: readonly string[]]>;

export type PrototypeName = keyof typeof SIGNATURES;

/** Anonymous, because koffi's named types are global, and created once per process, because koffi never frees one. */
const PROTOTYPES = Object.fromEntries(
  Object.entries(SIGNATURES).map(([name, [result, given]]) => [name, koffi.proto(result, [...given])]),
) as Record<PrototypeName, ReturnType<typeof koffi.proto>>;

type Done<R> = (error: Error | null, result: R) => void;

/** A C function bound to its address. Call it on this thread, or with `.async` on a worker. */
export interface NativeFunction<A extends readonly Opaque[], R> {
  (...args: A): R;
  /** The caller must keep a reference to every buffer behind the arguments until `done` runs: koffi keeps none. */
  async(...argsAndDone: [...A, Done<R>]): void;
}

interface Signatures {
  abiVersion: NativeFunction<[], number>;
  create: NativeFunction<[], number>;
  destroy: NativeFunction<[number], undefined>;
  call: NativeFunction<[Opaque, number, number], number>;
  shutdown: NativeFunction<[Opaque, number], number>;
  save: NativeFunction<[Opaque, number], number>;
  getExtension: NativeFunction<[Opaque, number], number>;
  release: NativeFunction<[Opaque, number], undefined>;
  cancel: NativeFunction<[Opaque, number], undefined>;
  onReply: NativeFunction<[Opaque, number], undefined>;
  dlopen: NativeFunction<[number, number], number>;
  dlclose: NativeFunction<[number], number>;
  LoadLibraryExW: NativeFunction<[number, number, number], number>;
  GetModuleHandleExW: NativeFunction<[number, number, number], number>;
}

export type Bound<P extends PrototypeName> = Signatures[P];

/** Binds the function at `at`. Takes some microseconds, so bind once and call often. The library must stay loaded. */
export function bind<P extends PrototypeName>(prototype: P, at: Address): Bound<P> {
  return koffi.decode(BigInt(at), PROTOTYPES[prototype]) as Bound<P>;
}
