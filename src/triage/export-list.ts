import { LIMITS } from './limits.js';

/** An exported name whose symbol is in another library. */
export interface Forward {
  readonly name: string;
  /** `KERNEL32.Sleep` (PE), or the symbol's name in the library it comes from (Mach-O). */
  readonly to: string;
}

/** Collects exported names without duplicates, within LIMITS. */
export class ExportList {
  readonly #names = new Set<string>();
  readonly forwards: Forward[] = [];
  #bytes = 0;
  truncated = false;

  /** False once the limits are reached: stop reading. */
  add(name: string, forwardedTo?: string): boolean {
    // Duplicates count too: they also cost time to read.
    this.#bytes += name.length + (forwardedTo?.length ?? 0);
    if (this.#names.size >= LIMITS.exports || this.#bytes > LIMITS.exportBytes) this.truncated = true;
    if (this.truncated || name === '') return !this.truncated;
    this.#names.add(name);
    if (forwardedTo !== undefined) this.forwards.push({ name, to: forwardedTo });
    return true;
  }

  list(): string[] {
    return [...this.#names];
  }
}
