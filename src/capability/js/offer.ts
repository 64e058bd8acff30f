import type { CapabilityDescriptor } from '../descriptor.js';
import type { Handler } from './handler.js';

/**
 * A capability in JavaScript in the contract's terms: what is registered, and what answers its methods. Functions of a
 * definition may be async; what they get and give crosses as JSON, so it is a copy. What they throw comes to the caller as
 * ERR_INVOCATION_FAILED with it as `cause`.
 */
export interface Offer<Method extends string = string> {
  readonly descriptor: CapabilityDescriptor;
  readonly handlers: Readonly<Record<Method, Handler>>;
}
