import validRange from 'semver/ranges/valid.js';
import { loggerOption } from '../log/logger-option.js';
import { checkHostVersion } from '../manifest/index.js';
import { checked, count, listOf, path, timerMilliseconds } from '../options/fields.js';
import { group, type Shape } from '../options/group.js';
import { isOptionsObject } from '../options/options-object.js';
import { readOptions } from '../options/read-options.js';
import { trustOption } from '../trust/index.js';
import type { DynamicPluginLoaderOptions } from './dynamic-plugin-loader.js';
import type { LoadTimeouts } from '../plugin/lifecycle-table.js';

/** A string; whether it is a version is checked by `checkHostVersion`, which has its own error. */
const hostVersion = checked<string>('a version such as 1.0.0', (value) => typeof value === 'string');

const timeouts = group<Partial<LoadTimeouts>>({
  create: timerMilliseconds(),
  register: timerMilliseconds(),
  init: timerMilliseconds(),
  shutdown: timerMilliseconds(),
});

const versions = checked<Readonly<Record<string, string>>>(
  'an object of SemVer ranges by plugin id',
  (value) => isOptionsObject(value) && Object.values(value).every((range) => typeof range === 'string' && validRange(range) !== null),
);

/** The options of whatever loads plugins. */
export const LOADING_SHAPE: Shape<Omit<DynamicPluginLoaderOptions, 'pluginDirs'>> = {
  hostVersion,
  logger: loggerOption,
  timeouts,
  maxPayloadBytes: count(1),
  trust: trustOption,
  versions,
  cacheDir: path('a folder'),
};

export const LOADER_SHAPE: Shape<DynamicPluginLoaderOptions> = {
  ...LOADING_SHAPE,
  pluginDirs: listOf(path('a folder'), 'an array of folder paths'),
};

const loaderOptions = group(LOADER_SHAPE, { required: ['hostVersion'] });

/** @throws LoadError ERR_OPTIONS, ERR_TRUST_OPTIONS; ERR_VERSION_COMPATIBILITY if `hostVersion` is not strict SemVer */
export function readLoaderOptions(given: unknown): DynamicPluginLoaderOptions {
  const options = readOptions(loaderOptions, given);
  checkHostVersion(options.hostVersion);
  return options;
}
