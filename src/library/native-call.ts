import type { Address, Opaque } from './memory.js';
import type { PrototypeName } from './prototypes.js';

/** One call of a C function, ready to be made on any thread. */
export interface NativeCall {
  readonly prototype: PrototypeName;
  readonly at: Address;
  /** As many as the prototype has. */
  readonly args: readonly Opaque[];
  /** The address of the `aisopod_reply` that the function fills in, if it takes one. */
  readonly reply?: Address;
  /** What the arguments point to. It must be referenced until the function has returned. */
  readonly keep?: unknown;
}
