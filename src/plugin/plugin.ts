import type { CapabilityKind } from '../abi/constants.js';
import type { Backend, InvokeOptions } from '../invocation/backend.js';
import type { CapabilityDescriptor } from '../capability/descriptor.js';
import type { Registrars } from '../capability/kinds/index.js';
import type { Logger } from '../log/logger.js';
import type { PluginEvent } from '../report/plugin-report.js';
import type { PluginLifecycle } from './lifecycle.js';

/** Words about a plugin, for lists and logs. */
export interface PluginMeta {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly author: string;
}

/**
 * What `register` registers through. It works until `register` has returned, and refuses afterwards. Plugins in
 * JavaScript use those that take a definition, one for each kind; `registerCapability` is for those that bring a backend of their own.
 * Each throws a LifecycleError: ERR_CAPABILITY_UNDECLARED, ERR_CAPABILITY_INVALID, ERR_CAPABILITY_DUPLICATE or
 * ERR_REGISTRATION_CLOSED. One refusal fails the plugin's registration, caught or not.
 */
export interface PluginApi extends Registrars {
  registerCapability(descriptor: CapabilityDescriptor, backend: Backend): void;
  /**
   * Invokes a tool, channel or provider of any plugin on behalf of this one; works from `init` until `shutdown` has
   * returned. A tool's input is validated. Commands and hooks are for the host to run.
   * @throws LifecycleError ERR_LIFECYCLE_STATE; InvocationError ERR_CAPABILITY_NOT_FOUND, ERR_CALL_DENIED,
   * ERR_INVALID_PARAMETERS, or what the invocation ends with.
   */
  callCapability(kind: CapabilityKind, name: string, method: string, input: string, options: InvokeOptions): Promise<string>;
  /** Of the names that this plugin declares those that somebody else has: registering one of them is refused. */
  namesTaken(): readonly TakenName[];
}

/** A name that somebody has. */
export interface TakenName {
  readonly kind: CapabilityKind;
  readonly name: string;
  /** Who, in words: `plugin weather`, `the host`. */
  readonly winner: string;
}

/** All that a plugin with a backend of its own needs of it. */
export type BackendApi = Pick<PluginApi, 'registerCapability' | 'callCapability'>;

/** What a plugin may register, by kind: its manifest's `[capabilities]`. */
export type DeclaredCapabilities = Readonly<Record<`${CapabilityKind}s`, readonly string[]>>;

/** What `init` gets. */
export interface PluginContext {
  /** Configuration that fits the manifest's schema, defaults filled in: a JSON object. */
  readonly config: Readonly<Record<string, unknown>>;
  /** A folder of the plugin's own, absolute; it exists. */
  readonly dataDir: string;
  readonly hostVersion: string;
  readonly logger: Logger;
}

/**
 * A plugin, wherever it lives: in this process, in a child, or a plain object of the host's. The order is `register`,
 * `init`, `shutdown`, each once; a call out of order is a LifecycleError ERR_LIFECYCLE_STATE.
 */
export interface Plugin extends AsyncDisposable {
  readonly id: string;
  readonly meta: PluginMeta;
  /** The fence: what `register` may register, and no more. Absent for a plugin of the host's own. */
  readonly declared?: DeclaredCapabilities;
  /** What happened to it that no caller was told of: broken rules, calls that outlived their deadline. */
  readonly events?: readonly PluginEvent[];
  /** Where it stands, for a plugin that keeps that itself: one in a child process may crash at any time. */
  readonly lifecycle?: PluginLifecycle | undefined;
  /** Registers every capability. @throws LifecycleError */
  register(api: PluginApi): Promise<void> | void;
  /** Makes the plugin ready. @throws LifecycleError ERR_INIT_FAILED, ERR_LIFECYCLE_TIMEOUT */
  init(context: PluginContext): Promise<void> | void;
  /**
   * Takes a new configuration while active; absent where it cannot. Refusing keeps the old one in force.
   * @throws LifecycleError ERR_CONFIG
   */
  reconfigure?(config: PluginContext['config']): Promise<void> | void;
  /** Ends it: nothing of the plugin runs afterwards. @throws LifecycleError ERR_SHUTDOWN_FAILED, ERR_LIFECYCLE_TIMEOUT */
  shutdown(): Promise<void> | void;
}
