import { PROCESS_SHAPE } from '../isolation/supervisor/process-shape.js';
import type { DynamicPluginLoaderOptions } from '../loader/dynamic-plugin-loader.js';
import { LOADER_SHAPE } from '../loader/loader-options.js';
import { checkHostVersion } from '../manifest/index.js';
import { callback, checked, falseOr, listOf, milliseconds, name, path, trueOrFalse } from '../options/fields.js';
import { inHome } from '../options/folders.js';
import { group, type Shape } from '../options/group.js';
import { isOptionsObject } from '../options/options-object.js';
import { readOptions } from '../options/read-options.js';
import { pluginOption } from '../plugin/plugin-option.js';
import { stateFolder } from '../quarantine/index.js';
import { REGISTRY_SHAPE, type PluginRegistryOptions } from '../registry/registry-options.js';
import { readTrustOptions } from '../trust/index.js';
import type { Plugin } from '../plugin/plugin.js';
import type { PluginReport } from '../report/plugin-report.js';
import { isolationOption, type IsolationOptions } from './isolation.js';
import { sandboxOption, type SandboxOptions } from './sandbox/sandbox-options.js';
import type { PluginConfig } from '../plugin/config-copy.js';
import { updatesOption, type UpdatesOptions } from './update/update-settings.js';
import type { SafeguardOptions } from './safeguard.js';
import { watchOption, type WatchSettings } from './watch/watch-option.js';

export interface PluginHostOptions
  extends DynamicPluginLoaderOptions, Omit<PluginRegistryOptions, 'configOf' | 'permits'>, IsolationOptions, SandboxOptions, SafeguardOptions {
  /** Configuration by plugin id, checked against the schema that the plugin's manifest names. */
  readonly config?: Readonly<Record<string, PluginConfig>>;
  /** Ids of plugins that are found and listed but not loaded. */
  readonly disabled?: readonly string[];
  /** How plugins are updated. */
  readonly updates?: UpdatesOptions;
  /** Follow changes in the plugin folders: load plugins that come, update those that change, end those that go. `{ pollMs }`: by polling. Default false. */
  readonly watch?: boolean | WatchSettings;
  /** The host's own plugins: plain objects, registered before the others. */
  readonly plugins?: readonly Plugin[];
  /** A listener of `state` that is also called during `open`, before the host can call `on`. */
  readonly onState?: (report: PluginReport) => void;
}

/** By plugin id. Each value is checked later, against the schema of its plugin. */
const config = checked<object>('an object by plugin id', isOptionsObject).transform((given): Readonly<Record<string, PluginConfig>> => ({ ...given }));

const quarantine = falseOr(group<{ readonly expiryMs?: number }>({ expiryMs: milliseconds() }));

const HOST_SHAPE: Shape<PluginHostOptions> = {
  ...LOADER_SHAPE,
  dataDir: REGISTRY_SHAPE.dataDir,
  mayCall: REGISTRY_SHAPE.mayCall,
  authorize: REGISTRY_SHAPE.authorize,
  reservedCommands: REGISTRY_SHAPE.reservedCommands,
  failClosed: REGISTRY_SHAPE.failClosed,
  isolation: isolationOption,
  processes: group(PROCESS_SHAPE),
  sandbox: sandboxOption,
  grants: callback(),
  stateDir: path('a folder'),
  quarantine,
  probation: trueOrFalse,
  config,
  updates: updatesOption,
  disabled: listOf(name('a plugin id'), 'an array of plugin ids'),
  watch: watchOption,
  plugins: listOf(pluginOption, 'an array of plugins'),
  onState: callback(),
};

const hostOptions = group(HOST_SHAPE, { required: ['hostVersion'] });

/** The options, with the defaults that depend on the user's home folder. */
export type HostSettings = PluginHostOptions & Required<Pick<PluginHostOptions, 'dataDir' | 'cacheDir'>>;

/**
 * All options of a host, checked before anything is done with any of them. Folders are absolute from here on.
 * @throws LoadError ERR_OPTIONS, ERR_TRUST_OPTIONS; ERR_VERSION_COMPATIBILITY if `hostVersion` is not strict SemVer
 */
export function readHostOptions(given: unknown): HostSettings {
  const options = readOptions(hostOptions, given);
  checkHostVersion(options.hostVersion);
  readTrustOptions(options.trust);
  const { dataDir = inHome('dataDir', '.aisopod', 'data'), cacheDir = stateFolder(options.stateDir) } = options;
  return { ...options, dataDir, cacheDir };
}
