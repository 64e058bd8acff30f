import { optionError } from '../options/option-error.js';
import { isOptionsObject } from '../options/options-object.js';
import type { PluginHostOptions } from './host-options.js';

/** The options that a configuration of aisopod states. */
export type AisopodOptions = Pick<PluginHostOptions, 'pluginDirs' | 'config' | 'disabled' | 'versions' | 'timeouts' | 'trust'>;

type Members = Readonly<Record<string, unknown>>;

/**
 * The options in the section `plugins` of aisopod's configuration, a parsed TOML or JSON5 file: `registry[]` with `id`, `version` and
 * `enabled`; `settings` with `auto_load`, `plugin_dir` and `load_timeout` (seconds); and `plugins.<id>`, the configuration of each
 * plugin. As in aisopod, an entry without `enabled = true` is disabled, and without `auto_load = true` only enabled entries of
 * the registry are loaded. Without the section, or if it is empty, there are no options. Spread the result into those of
 * `PluginHost.open`. @throws LoadError ERR_OPTIONS
 */
export function optionsFromAisopod(file: unknown): AisopodOptions {
  const plugins = membersOf('plugins', membersOf('configuration', file).plugins);
  const { registry, settings, ...config } = plugins;
  for (const [id, value] of Object.entries(config)) membersOf(`plugins.${id}`, value);
  const entries = entriesOf(registry);
  const enabled = entries.filter((entry) => entry.enabled);
  const { auto_load: autoLoad = false, plugin_dir: dir = '', load_timeout: seconds } = membersOf('plugins.settings', settings);
  if (typeof autoLoad !== 'boolean') throw optionError('plugins.settings.auto_load', 'true or false', autoLoad);
  if (typeof dir !== 'string') throw optionError('plugins.settings.plugin_dir', 'the path of a folder', dir);
  const saysWhatToLoad = registry !== undefined || settings !== undefined;
  return {
    ...(dir !== '' && { pluginDirs: [dir] }),
    ...(Object.keys(config).length > 0 && { config: config as NonNullable<AisopodOptions['config']> }),
    ...(entries.length > enabled.length && { disabled: entries.filter((entry) => !entry.enabled).map(({ id }) => id) }),
    ...versionsIn(enabled),
    ...(seconds !== undefined && { timeouts: timeoutsOf(seconds) }),
    ...(saysWhatToLoad && !autoLoad && { trust: { allow: entries.map(({ id }) => id) } }),
  };
}

interface Entry {
  readonly id: string;
  readonly version: string;
  readonly enabled: boolean;
}

/** An empty TOML table `[plugins.registry]` is an empty registry. */
function entriesOf(registry: unknown): readonly Entry[] {
  const isEmptyTable = isOptionsObject(registry) && Object.keys(registry).length === 0;
  if (registry === undefined || isEmptyTable) return [];
  if (!Array.isArray(registry)) throw optionError('plugins.registry', 'a list of plugins', registry);
  return registry.map((given: unknown, index) => {
    const where = `plugins.registry[${index}]`;
    const { id, version = '', enabled = false } = membersOf(where, given ?? null);
    if (typeof id !== 'string' || id === '') throw optionError(`${where}.id`, 'a plugin id', id);
    if (typeof version !== 'string') throw optionError(`${where}.version`, 'a version such as 1.0.0', version);
    if (typeof enabled !== 'boolean') throw optionError(`${where}.enabled`, 'true or false', enabled);
    return { id, version, enabled };
  });
}

function versionsIn(entries: readonly Entry[]): Pick<AisopodOptions, 'versions'> {
  const wanted = entries.filter(({ version }) => version !== '').map(({ id, version }) => [id, version] as const);
  return wanted.length > 0 ? { versions: Object.fromEntries(wanted) } : {};
}

/** The time for loading a plugin, in seconds. Shutting it down keeps its own deadline. */
function timeoutsOf(seconds: unknown): NonNullable<AisopodOptions['timeouts']> {
  if (typeof seconds !== 'number' || !(seconds > 0)) throw optionError('plugins.settings.load_timeout', 'seconds, more than 0', seconds);
  const ms = seconds * 1000;
  return { create: ms, register: ms, init: ms };
}

/** The members of a table; none if it is absent. @throws LoadError ERR_OPTIONS */
function membersOf(option: string, value: unknown = {}): Members {
  if (!isOptionsObject(value)) throw optionError(option, 'an object', value);
  return value;
}
