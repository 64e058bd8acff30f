import type { BackendRoute } from '../invocation/backend.js';
import type { HostGate } from './host-gate.js';

/** Where the host's calls of one capability go: to the gate of the generation that is current. All generations share it. */
export class Route implements BackendRoute {
  #gate: HostGate | undefined;
  readonly #listeners = new Set<() => void>();

  /** `undefined` while no current generation has the capability. */
  get gate(): HostGate | undefined {
    return this.#gate;
  }

  point(gate: HostGate | undefined): void {
    const before = this.#gate;
    this.#gate = gate;
    if (before !== undefined && gate !== undefined && before !== gate) for (const listener of [...this.#listeners]) listener();
  }

  /** Calls `listener` whenever another generation takes over. Returns a function that ends this. */
  onSwitch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
