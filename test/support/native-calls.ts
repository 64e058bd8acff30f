import { addressOf, libc, ownBuffer, type Address } from '../../src/library/memory.js';
import type { NativeCall } from '../../src/library/native-call.js';

const symbol = (name: string): Address => Number(libc.symbol(name) as bigint) as Address;

/** abs: a native call with a result. */
export const absCall = (number: number): NativeCall => ({ prototype: 'shutdown', at: symbol('abs'), args: [number >>> 0, 0] });

/** atoi: a call whose result may be negative. */
export function atoiCall(text: string): NativeCall {
  const keep = ownBuffer(text.length + 1);
  keep.write(text);
  return { prototype: 'shutdown', at: symbol('atoi'), args: [addressOf(keep), 0], keep };
}

/** Holds calls in native code until `open` is called. POSIX only. */
export class Gate {
  readonly #lock = ownBuffer(256); // pthread_rwlock_t has 200 bytes on macOS, and fewer elsewhere
  readonly #unlock = libc.func('pthread_rwlock_unlock', 'int', ['uintptr_t']) as (lock: number) => number;

  constructor() {
    const init = libc.func('pthread_rwlock_init', 'int', ['uintptr_t', 'uintptr_t']) as (lock: number, attributes: number) => number;
    const lockForWriting = libc.func('pthread_rwlock_wrlock', 'int', ['uintptr_t']) as (lock: number) => number;
    init(addressOf(this.#lock), 0);
    lockForWriting(addressOf(this.#lock));
  }

  /** Returns once the gate is open. */
  get call(): NativeCall {
    return { prototype: 'shutdown', at: symbol('pthread_rwlock_rdlock'), args: [addressOf(this.#lock), 0], keep: this.#lock };
  }

  open(): void {
    this.#unlock(addressOf(this.#lock));
  }
}
