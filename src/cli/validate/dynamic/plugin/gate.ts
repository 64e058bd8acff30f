import { Block, NULL, bind, openLibrary, type Address, type Bound } from '../../../../library/index.js';
import type { NativeCapability } from '../../../../native/native-capability.js';
import { GATE_FUNCTION } from '../../gate-source.js';
import { CannotRun } from './cannot-run.js';

/** How a capability is called. */
export type Entry = Pick<NativeCapability, 'invoke' | 'data'>;

const GATE_BYTES = 32;

/** Lets calls into the plugin together, as soon as `count` have arrived: see GATE_SOURCE. */
export class Gate {
  readonly #at: Address;
  readonly #invoke: Bound<'call'>;
  readonly #arrived = new Block(8);
  /** One for each capability, for as long as calls may use it. */
  readonly #blocks = new Map<NativeCapability, Block>();

  constructor(
    library: string,
    private readonly count: number,
  ) {
    this.#at = openLibrary(library, { prefersOwnNames: false }).symbol(GATE_FUNCTION) ?? NULL;
    if (this.#at === NULL) throw new CannotRun(`${library} does not export ${GATE_FUNCTION}`);
    this.#invoke = bind('call', this.#at);
  }

  /** Calls the capability through the gate. */
  readonly entryOf = (capability: NativeCapability): Entry => {
    const block = this.#blocks.get(capability) ?? this.#blockOf(capability);
    this.#blocks.set(capability, block);
    return { invoke: this.#invoke, data: block.address };
  };

  #blockOf({ invokeAt, data }: NativeCapability): Block {
    const block = new Block(GATE_BYTES);
    for (const [index, value] of [this.#arrived.address, this.count, invokeAt, data].entries()) block.bytes.writeBigUInt64LE(BigInt(value), index * 8);
    return block;
  }
}
