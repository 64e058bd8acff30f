import type { CapabilityKind } from '../abi/constants.js';
import type { Backend } from '../invocation/backend.js';
import type { compileSchema } from '../schema/index.js';
import type { CapabilityDescriptor } from './descriptor.js';
import type { HandleTarget } from './handle.js';
import type { Offer } from './js/offer.js';
import type { NameRule } from './names.js';

/** Asks the host whether a command may run now. `argv` is what it would get. */
export type Authorize = (request: {
  readonly pluginId: string;
  readonly command: string;
  readonly argv: readonly string[];
}) => boolean | Promise<boolean>;

/** What the host's side of one capability is made of. */
export interface CapabilityContext {
  readonly pluginId: string;
  readonly descriptor: CapabilityDescriptor;
  readonly backend: Backend;
  readonly authorize: Authorize;
  /** Passed in, not imported: a plugin's process loads the kinds to check registrations, and must not load Ajv. */
  readonly compileSchema: typeof compileSchema;
}

/**
 * All that is particular to one kind of capability: a row of the table in kinds/index.ts. A row imports neither zod nor Ajv,
 * since a plugin's process checks registrations by the same table.
 */
export interface Kind<Capability, Definition, Method extends string = string> {
  readonly kind: CapabilityKind;
  readonly names: NameRule;
  /** Several plugins may register the same name. */
  readonly isShared?: boolean;
  /** Methods of the header. */
  readonly methods: readonly Method[];
  /** Whether plugins may call it where the host's `mayCall` does not decide. Without it they never may. */
  readonly pluginsMayCall?: boolean;
  /** Checks the type of a registration's spec; not whether a schema in it compiles. Without it any spec will do. @throws Error */
  checkSpec?(this: void, spec: unknown): void;
  /** Checks what another plugin calls it with; `json` is the same as text. @throws InvocationError ERR_INVALID_PARAMETERS */
  checkInput?(this: void, capability: Capability, input: unknown, json: string): void;
  /** What a call of the host goes to, in one generation of the plugin. @throws Error if the spec does not fit the kind */
  makeCapability(this: void, context: CapabilityContext): Capability;
  /** What the host holds of it, through all generations. */
  makeHandle(this: void, target: HandleTarget<Capability>): Capability;
  /** What a plugin in JavaScript registers, in the contract's terms. */
  offer(this: void, definition: Definition): Offer<Method>;
}
