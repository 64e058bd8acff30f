import type { CapabilityDescriptor } from '../descriptor.js';
import type { Handler } from './handler.js';

/**
 * A capability in JavaScript, converted from its definition: what is registered, and the functions for its methods. The
 * functions may be async. Inputs and results are passed as JSON, so they are copies. If a function throws, the caller gets
 * ERR_INVOCATION_FAILED with the thrown value as `cause`.
 */
export interface Offer<Method extends string = string> {
  readonly descriptor: CapabilityDescriptor;
  readonly handlers: Readonly<Record<Method, Handler>>;
}
