/** Where a handle finds the present generation's face; once the plugin is gone its last one, which refuses every call. */
export interface HandleTarget<Face> {
  face: Face;
}

interface Named {
  readonly pluginId: string;
  readonly name: string;
}

/**
 * What hosts hold of a capability. A handle belongs to a plugin id, a kind and a name; each use of it goes to the
 * generation of the plugin that is present then. Its methods may be taken off it, so they are bound.
 */
export abstract class Handle<Face extends Named> {
  readonly pluginId: Face['pluginId'];
  readonly name: Face['name'];
  readonly #target: HandleTarget<Face>;

  constructor(target: HandleTarget<Face>) {
    this.#target = target;
    this.pluginId = target.face.pluginId;
    this.name = target.face.name;
    Object.defineProperties(this, gettersOf(new.target));
  }

  protected get face(): Face {
    return this.#target.face;
  }
}

/** A class's own getters, to be properties of each object: a spread copies those, and JSON has them. */
function gettersOf({ prototype }: { readonly prototype: object }): PropertyDescriptorMap {
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(prototype);
  const getters = Object.entries(descriptors).filter(([, descriptor]) => 'get' in descriptor);
  return Object.fromEntries(getters.map(([name, getter]) => [name, { ...getter, enumerable: true }]));
}
