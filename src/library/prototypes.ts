import { koffi } from './koffi-settings.js';
import type { Address, Opaque } from './memory.js';

/**
 * The C functions of the contract as koffi prototypes. They are anonymous because named types are global, and created once
 * per process because koffi never frees one. Pointers are passed as `uintptr_t` Numbers, which is koffi's fast path.
 */
export const PROTOTYPES = {
  abiVersion: koffi.proto('uint32_t', []),
  create: koffi.proto('uintptr_t', []),
  destroy: koffi.proto('void', ['uintptr_t']),
  /** register_capabilities, init, reconfigure and invoke: three pointers in, a status out. */
  call: koffi.proto('int32_t', ['uintptr_t', 'uintptr_t', 'uintptr_t']),
  shutdown: koffi.proto('int32_t', ['uintptr_t', 'uintptr_t']),
  getExtension: koffi.proto('uintptr_t', ['uintptr_t', 'uintptr_t']),
  release: koffi.proto('void', ['uintptr_t', 'uintptr_t']),
  cancel: koffi.proto('void', ['uintptr_t', 'uint64_t']),
  onReply: koffi.proto('void', ['uintptr_t', 'uintptr_t']),
} as const;

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
  getExtension: NativeFunction<[Opaque, number], number>;
  release: NativeFunction<[Opaque, number], undefined>;
  cancel: NativeFunction<[Opaque, number], undefined>;
  onReply: NativeFunction<[Opaque, number], undefined>;
}

export type PrototypeName = keyof Signatures;
export type Bound<P extends PrototypeName> = Signatures[P];

/** Binds the function at `at`. Takes some microseconds, so bind once and call often. The library must stay loaded. */
export function bind<P extends PrototypeName>(prototype: P, at: Address): Bound<P> {
  return koffi.decode(BigInt(at), PROTOTYPES[prototype]) as Bound<P>;
}
