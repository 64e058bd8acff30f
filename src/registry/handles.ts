import type { CapabilityKind } from '../abi/constants.js';
import { labelOf } from '../capability/descriptor.js';
import type { HandleTarget } from '../capability/handle.js';
import { makeHandle, type Faces } from '../capability/kinds/index.js';

interface Known<K extends CapabilityKind = CapabilityKind> {
  readonly target: HandleTarget<Faces[K]>;
  readonly handle: Faces[K];
}

/**
 * The handle of every capability, by plugin id, kind and name. It is kept when the plugin goes, so that it works again
 * when the plugin is back: there are as many as names that plugins ever had.
 */
export class Handles {
  readonly #known = new Map<string, Known>();

  /** Makes the handle use this face from now on. */
  point<K extends CapabilityKind>(kind: K, face: Faces[K]): void {
    const key = keyOf(kind, face);
    const known = this.#known.get(key) as Known<K> | undefined;
    if (known !== undefined) {
      known.target.face = face;
      return;
    }
    const target: HandleTarget<Faces[K]> = { face };
    this.#known.set(key, { target, handle: makeHandle(kind, target) });
  }

  /** The handle of a capability whose face it has been given. */
  of<K extends CapabilityKind>(kind: K, face: Faces[K]): Faces[K] {
    return (this.#known.get(keyOf(kind, face)) as unknown as Known<K>).handle;
  }
}

/** A kind and a name have no spaces, so this is one plugin's. */
const keyOf = (kind: CapabilityKind, { pluginId, name }: Faces[CapabilityKind]): string => `${labelOf({ kind, name })} ${pluginId}`;
