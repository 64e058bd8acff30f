import type { CapabilityKind } from '../abi/constants.js';
import { labelOf } from '../capability/descriptor.js';
import type { HandleTarget } from '../capability/handle.js';
import { makeHandle, type CapabilityHandles } from '../capability/kinds/index.js';

interface KnownHandle<K extends CapabilityKind = CapabilityKind> {
  readonly target: HandleTarget<CapabilityHandles[K]>;
  readonly handle: CapabilityHandles[K];
}

/**
 * The handle of every capability, by plugin id, kind and name. Handles are kept when a plugin goes, so that they work again
 * when it is back. Memory is limited by the number of names that plugins have ever had.
 */
export class Handles {
  readonly #known = new Map<string, KnownHandle>();

  /** Makes the handle forward to this capability from now on. */
  point<K extends CapabilityKind>(kind: K, capability: CapabilityHandles[K]): void {
    const key = keyOf(kind, capability);
    const known = this.#known.get(key) as KnownHandle<K> | undefined;
    if (known !== undefined) {
      known.target.capability = capability;
      return;
    }
    const target: HandleTarget<CapabilityHandles[K]> = { capability };
    this.#known.set(key, { target, handle: makeHandle(kind, target) });
  }

  /** The handle of a capability that `point` was called with. */
  of<K extends CapabilityKind>(kind: K, capability: CapabilityHandles[K]): CapabilityHandles[K] {
    return (this.#known.get(keyOf(kind, capability)) as unknown as KnownHandle<K>).handle;
  }
}

/** Unique, because kinds and names contain no spaces. */
const keyOf = (kind: CapabilityKind, { pluginId, name }: CapabilityHandles[CapabilityKind]): string => `${labelOf({ kind, name })} ${pluginId}`;
