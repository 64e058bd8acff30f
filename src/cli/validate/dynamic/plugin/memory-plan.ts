import type { Buffer } from 'node:buffer';
import { PageArena } from '../../../../library/page-arena.js';
import type { Address } from '../../../../library/index.js';

/** A part of the memory that a call passes to the plugin. */
export type Part = 'host' | 'init' | 'config' | 'data_dir' | 'host_version' | 'request' | 'method' | 'input' | 'context' | 'reply' | 'lent';

/** How hostile the memory is. Without any of these it is as forgiving as memory can be, so that a check finds only what it looks for. */
export interface MemoryPlan {
  /** The page after the part crashes whatever touches it. */
  readonly guarded?: readonly Part[];
  readonly readOnly?: readonly Part[];
  /** The part itself does, once the plugin's function has returned. */
  readonly forbiddenAfter?: readonly Part[];
  /** The content is given back once the plugin's function has returned: for many calls. */
  readonly isDiscarded?: boolean;
  /** Sizes of structs other than those of the header. */
  readonly sizes?: Readonly<Partial<Record<'host' | 'init' | 'request' | 'reply', number>>>;
  /** The length of the lent buffer. The header promises 4096. */
  readonly lentBytes?: number;
}

/** What hosts usually lend. */
const DEFAULT_LENT = 65_536;

export const lentBytesOf = ({ lentBytes = DEFAULT_LENT }: MemoryPlan): number => lentBytes;

/** The memory of one call. It is never reused, so that a plugin which uses it late disturbs no other call. */
export class CallMemory<P extends Part> {
  readonly #arena: PageArena;
  readonly #parts: readonly P[];

  constructor(
    lengths: Readonly<Record<P, number>>,
    private readonly plan: MemoryPlan,
  ) {
    this.#parts = Object.keys(lengths) as P[];
    this.#arena = new PageArena(this.#parts.map((part) => lengths[part]));
    for (const part of this.#parts) if (plan.guarded?.includes(part) === true) this.#arena.guardEnd(this.#parts.indexOf(part));
  }

  at(part: P): Address {
    return this.#arena.at(this.#parts.indexOf(part));
  }

  write(part: P, bytes: Buffer): void {
    this.#arena.write(this.#parts.indexOf(part), bytes);
  }

  read(part: P): Buffer {
    return this.#arena.read(this.#parts.indexOf(part));
  }

  /** Call this once everything is written. */
  lend(): void {
    for (const part of this.#parts) if (this.plan.readOnly?.includes(part) === true) this.#arena.makeReadOnly(this.#parts.indexOf(part));
  }

  /** Call this once the plugin's function has returned and its reply was read. */
  takeBack(): void {
    if (this.plan.isDiscarded === true) this.#arena.discard();
    for (const part of this.#parts) if (this.plan.forbiddenAfter?.includes(part) === true) this.#arena.forbid(this.#parts.indexOf(part));
  }
}
