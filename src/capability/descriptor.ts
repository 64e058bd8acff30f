import type { CapabilityKind } from '../abi/constants.js';

/** A capability as it was registered, whatever it runs on. */
export interface CapabilityDescriptor {
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly description: string;
  /** Parsed from the registration's JSON, or `undefined`. For a tool the JSON Schema of its parameters. */
  readonly spec: unknown;
}

/** Who a capability belongs to, and how errors name it: `tool forecast`. */
export const labelOf = (descriptor: Pick<CapabilityDescriptor, 'kind' | 'name'>): string =>
  `${descriptor.kind} ${descriptor.name}`;
