/**
 * The capability of the plugin's current generation, to which a handle forwards calls. After the plugin was removed, it is that of
 * the last generation, which refuses every call.
 */
export interface HandleTarget<Capability> {
  capability: Capability;
}

interface Named {
  readonly pluginId: string;
  readonly name: string;
}

/**
 * What a host holds of a capability. A handle belongs to a plugin id, a kind and a name; each use goes to the plugin's
 * generation that is current at that time. Its methods are bound, so that they also work when taken from the object.
 */
export abstract class Handle<Capability extends Named> {
  readonly pluginId: Capability['pluginId'];
  readonly name: Capability['name'];
  readonly #target: HandleTarget<Capability>;

  constructor(target: HandleTarget<Capability>) {
    this.#target = target;
    this.pluginId = target.capability.pluginId;
    this.name = target.capability.name;
    Object.defineProperties(this, gettersOf(new.target));
  }

  protected get current(): Capability {
    return this.#target.capability;
  }
}

/** The class's getters as own properties, which spread syntax copies and JSON includes. */
function gettersOf({ prototype }: { readonly prototype: object }): PropertyDescriptorMap {
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(prototype);
  const getters = Object.entries(descriptors).filter(([, descriptor]) => Object.hasOwn(descriptor, 'get'));
  return Object.fromEntries(getters.map(([name, getter]) => [name, { ...getter, enumerable: true }]));
}
