import type { DynamicPluginLoaderOptions } from '../loader/dynamic-plugin-loader.js';
import type { Plugin } from '../plugin/plugin.js';
import type { PluginRegistryOptions } from '../registry/plugin-registry.js';
import type { PluginReport } from '../report/plugin-report.js';
import type { IsolationOptions } from './isolation.js';
import type { PluginConfig } from './plugin-config.js';
import type { SafeguardOptions } from './safeguard.js';

export interface PluginHostOptions
  extends DynamicPluginLoaderOptions, Omit<PluginRegistryOptions, 'configOf'>, IsolationOptions, SafeguardOptions {
  /** Configuration by plugin id, checked against the schema that the plugin's manifest names. */
  readonly config?: Readonly<Record<string, PluginConfig>>;
  /** Ids that are found and listed, and not loaded. */
  readonly disabled?: readonly string[];
  /** Plugins of the host's own: plain objects, registered before the others. */
  readonly plugins?: readonly Plugin[];
  /** A listener of `state` from the start: what happens during `open` comes before anyone can call `on`. */
  readonly onState?: (report: PluginReport) => void;
}
