import type { CapabilityKind } from '../abi/constants.js';
import type { Authorize } from '../capability/kind.js';
import type { Logger } from '../log/logger.js';
import { loggerOption } from '../log/logger-option.js';
import { callback, checked, listOf, name, path } from '../options/fields.js';
import { group, type Shape } from '../options/group.js';
import { readOptions } from '../options/read-options.js';
import type { PluginConfig } from '../plugin/config-copy.js';
import type { Plugin } from '../plugin/plugin.js';
import type { FailClosed } from './hook-dispatch.js';
import type { MayCall } from './plugin-call.js';

/** Whether the plugin may call a capability. */
export type Permits = (plugin: Plugin, kind: CapabilityKind, name: string) => boolean;

export interface PluginRegistryOptions {
  /** Given to each plugin's `init`. */
  readonly hostVersion: string;
  /** The parent of the plugins' data folders. Each is named after the plugin's id and created before `init` with mode 0700. Default `~/.aisopod/data`. */
  readonly dataDir?: string;
  /** A plugin's configuration. Default: an empty object. */
  readonly configOf?: (plugin: Plugin) => PluginConfig | Promise<PluginConfig>;
  /** Whether `caller` may call this tool, channel or provider. Default: allows tools and providers. */
  readonly mayCall?: MayCall;
  /** Whether this plugin may call a capability, besides `mayCall`. Default: all may. @internal */
  readonly permits?: Permits;
  /** Called before each run of a command that requires authorization. Default: denies. */
  readonly authorize?: Authorize;
  /** Names of the host's own commands, which no plugin may take. Default: `help`, `version`, `start` and the like. */
  readonly reservedCommands?: readonly string[];
  /**
   * Whether a failure of a handler of a `Before…` hook counts as a veto, even if its plugin does not want that: for all, or a
   * function that decides. Only `false` means no. Default: false.
   */
  readonly failClosed?: boolean | FailClosed;
  readonly logger?: Logger;
}

export const REGISTRY_SHAPE: Shape<PluginRegistryOptions> = {
  hostVersion: checked<string>('a version such as 1.0.0', (value) => typeof value === 'string'),
  dataDir: path('a folder'),
  configOf: callback(),
  mayCall: callback(),
  permits: callback(),
  authorize: callback(),
  reservedCommands: listOf(name('a command name'), 'an array of command names'),
  failClosed: checked<boolean | FailClosed>('true, false or a function', (value) => typeof value === 'boolean' || typeof value === 'function'),
  logger: loggerOption,
};

const registryOptions = group(REGISTRY_SHAPE, { required: ['hostVersion'] });

/** @throws LoadError ERR_OPTIONS */
export const readRegistryOptions = (given: unknown): PluginRegistryOptions => readOptions(registryOptions, given);
