import { loggerOption } from '../log/logger-option.js';
import { callback, checked, listOf, name, path } from '../options/fields.js';
import { group, type Shape } from '../options/group.js';
import { readOptions } from '../options/read-options.js';
import type { PluginRegistryOptions } from './plugin-registry.js';

export const REGISTRY_SHAPE: Shape<PluginRegistryOptions> = {
  hostVersion: checked<string>('a version such as 1.0.0', (value) => typeof value === 'string'),
  dataDir: path('a folder'),
  configOf: callback(),
  mayCall: callback(),
  authorize: callback(),
  reservedCommands: listOf(name('a command name'), 'an array of command names'),
  logger: loggerOption,
};

const registryOptions = group(REGISTRY_SHAPE, { required: ['hostVersion'] });

/** @throws LoadError ERR_OPTIONS */
export const readRegistryOptions = (given: unknown): PluginRegistryOptions => readOptions(registryOptions, given);
