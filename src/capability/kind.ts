import type { CapabilityKind } from '../abi/constants.js';
import type { Backend } from '../invocation/backend.js';
import type { compileSchema } from '../schema/index.js';
import type { CapabilityDescriptor } from './descriptor.js';
import type { HandleTarget } from './handle.js';
import type { Offer } from './js/offer.js';
import type { NameRule } from './names.js';

/** Asks the host whether a command may run now, with these arguments. */
export type Authorize = (request: {
  readonly pluginId: string;
  readonly command: string;
  readonly argv: readonly string[];
}) => boolean | Promise<boolean>;

/** What a kind needs to make the host's object for one capability. */
export interface CapabilityContext {
  readonly pluginId: string;
  readonly descriptor: CapabilityDescriptor;
  readonly backend: Backend;
  readonly authorize: Authorize;
  /** Passed in, not imported: a plugin's process loads the kinds to check registrations, and must not load Ajv. */
  readonly compileSchema: typeof compileSchema;
}

/**
 * Everything that is specific to one kind of capability: a row of the table in kinds/index.ts. A row imports neither zod nor
 * Ajv, because a child process checks registrations with the same table.
 */
export interface Kind<Capability, Definition, Method extends string = string> {
  readonly kind: CapabilityKind;
  readonly names: NameRule;
  /** Several plugins may register the same name. */
  readonly isShared?: boolean;
  /** The methods, as in the header. */
  readonly methods: readonly Method[];
  /** Whether plugins may call it if the host has no `mayCall`. If absent, plugins can never call it. */
  readonly pluginsMayCall?: boolean;
  /** Checks the shape of a registration's spec, without compiling a schema in it. If absent, any spec is accepted. @throws Error */
  checkSpec?(this: void, spec: unknown, name: string): void;
  /** Checks the input of a call by another plugin; `json` is the same input as text. @throws InvocationError ERR_INVALID_PARAMETERS */
  checkInput?(this: void, capability: Capability, input: unknown, json: string): void;
  /** Makes the object that the host's calls go to, for one generation of the plugin. @throws Error if the spec does not fit the kind */
  makeCapability(this: void, context: CapabilityContext): Capability;
  /** Makes the handle that the host holds, for all generations. */
  makeHandle(this: void, target: HandleTarget<Capability>): Capability;
  /** Converts the definition of a JavaScript plugin to a descriptor and handlers. */
  offer(this: void, definition: Definition): Offer<Method>;
}
