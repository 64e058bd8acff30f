import type { CapabilityKind } from '../abi/constants.js';

/** A capability as it was registered. */
export interface CapabilityDescriptor {
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly description: string;
  /** Parsed from the registration's JSON, or `undefined`. For a tool the JSON Schema of its parameters. */
  readonly spec: unknown;
}

/** The name of a capability in errors: `tool forecast`. */
export const labelOf = (descriptor: Pick<CapabilityDescriptor, 'kind' | 'name'>): string =>
  `${descriptor.kind} ${descriptor.name}`;
