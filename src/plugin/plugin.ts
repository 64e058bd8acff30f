import type { CapabilityKind } from '../abi/constants.js';
import type { Backend, InvokeOptions } from '../invocation/backend.js';
import type { CapabilityDescriptor } from '../capability/descriptor.js';
import type { Registrars } from '../capability/kinds/index.js';
import type { PluginError } from '../errors/index.js';
import type { Logger } from '../log/logger.js';
import type { PluginEvent, PluginTransport } from '../report/plugin-report.js';
import type { ResourceLimits } from '../report/resource-limits.js';
import type { PluginLifecycle } from './lifecycle.js';

/** Describes a plugin in lists and logs. */
export interface PluginMeta {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly author: string;
}

/**
 * The argument of `register`. Its methods register capabilities until `register` has returned, and throw after that. Plugins
 * in JavaScript use the methods that take a definition, one for each kind; `registerCapability` is for plugins with a backend.
 * Each throws a LifecycleError: ERR_CAPABILITY_UNDECLARED, ERR_CAPABILITY_INVALID, ERR_CAPABILITY_DUPLICATE or
 * ERR_REGISTRATION_CLOSED. One refusal fails the registration of the plugin, even if the plugin catches the error.
 */
export interface PluginApi extends Registrars {
  registerCapability(descriptor: CapabilityDescriptor, backend: Backend): void;
  /**
   * Invokes a tool, channel or provider of any plugin on behalf of this one. Works from `init` until `shutdown` has
   * returned. The input of a tool is validated. Only the host can run commands and hooks.
   * @throws LifecycleError ERR_LIFECYCLE_STATE; InvocationError ERR_CAPABILITY_NOT_FOUND, ERR_CALL_DENIED,
   * ERR_INVALID_PARAMETERS, or what the invocation ends with.
   */
  callCapability(kind: CapabilityKind, name: string, method: string, input: string, options: InvokeOptions): Promise<string>;
  /** The names that this plugin declares and that are taken: registering one of them is refused. */
  namesTaken(): readonly TakenName[];
}

/** A name that is taken. */
export interface TakenName {
  readonly kind: CapabilityKind;
  readonly name: string;
  /** Who has it, as text: `plugin weather`, `the host`. */
  readonly winner: string;
}

/** The part of the api that a plugin with a backend needs. */
export type BackendApi = Pick<PluginApi, 'registerCapability' | 'callCapability'>;

/** The names that a plugin may register, by kind, as in its manifest's `[capabilities]`. A kind that is missing has no names. */
export type DeclaredCapabilities = Readonly<Partial<Record<`${CapabilityKind}s`, readonly string[]>>>;

/** The argument of `init`. */
export interface PluginContext {
  /** The configuration, a JSON object: valid against the manifest's schema, with its defaults. */
  readonly config: Readonly<Record<string, unknown>>;
  /** An existing folder for this plugin alone, absolute. */
  readonly dataDir: string;
  readonly hostVersion: string;
  readonly logger: Logger;
}

/** What a plugin reports of a process that it restarts itself. @internal */
export type ReportProcess = (event: 'crash' | 'comeBack' | 'quarantine', failure?: PluginError) => void;

/**
 * A plugin, wherever it runs: in a library of this process, in a child process, or as JavaScript. The order is `register`,
 * `init`, `shutdown`, each once. A call out of order throws LifecycleError ERR_LIFECYCLE_STATE.
 */
export interface Plugin extends AsyncDisposable {
  readonly id: string;
  readonly meta: PluginMeta;
  /** What `register` may register. Absent: anything, for the host's own plugins. */
  readonly declared?: DeclaredCapabilities;
  /** What happened without an error for any caller: broken rules, calls that ran past their deadline. */
  readonly events?: readonly PluginEvent[];
  /** How calls reach its process, if it has one. */
  readonly transport?: PluginTransport | undefined;
  /** The limits of its process, if it has some. */
  readonly limits?: ResourceLimits | undefined;
  /** The id of its current process, if it has one of its own or shares one. */
  readonly pid?: number | undefined;
  /** Its state, for a plugin in a library: one in a child process may crash at any time. */
  readonly lifecycle?: PluginLifecycle | undefined;
  /**
   * Called before each `register`, for a plugin that restarts its process itself: it reports through `report` while it is active.
   * @internal
   */
  supervise?(report: ReportProcess): void;
  /** Resolves when none of its invocations is open. Absent if all are made by handlers that `register` was given. @internal */
  whenIdle?(): Promise<void>;
  /** Registers every capability. @throws LifecycleError */
  register(api: PluginApi): Promise<void> | void;
  /** Makes the plugin ready for calls. @throws LifecycleError ERR_INIT_FAILED, ERR_LIFECYCLE_TIMEOUT */
  init(context: PluginContext): Promise<void> | void;
  /**
   * Applies a new configuration while active. If it throws, the old one stays in force. Absent if the plugin cannot do this.
   * @throws LifecycleError ERR_CONFIG
   */
  reconfigure?(config: PluginContext['config']): Promise<void> | void;
  /** Gives its state to its next generation while active; `undefined` if it has none. @throws LifecycleError @internal */
  saveState?(): Promise<Uint8Array | undefined>;
  /** Takes the state of the generation before, between `register` and `init`. False if it takes none. @throws LifecycleError @internal */
  restoreState?(state: Uint8Array): Promise<boolean>;
  /** Ends the plugin: none of its code runs afterwards. @throws LifecycleError ERR_SHUTDOWN_FAILED, ERR_LIFECYCLE_TIMEOUT */
  shutdown(): Promise<void> | void;
}
