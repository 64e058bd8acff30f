import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { UNUSABLE_SCHEMA } from '../errors/lifecycle-errors.js';
import { LifecycleError, PluginError, inPlugin, messageOf } from '../errors/index.js';
import { readBounded } from '../files/index.js';
import { copyOfConfig, type PluginConfig } from '../plugin/config-copy.js';
import type { Candidate } from '../scan/index.js';
import { compileSchema, keysOf, requireCodeGeneration, type ValidationFailure, type Validator } from '../schema/index.js';

const MAX_SCHEMA_BYTES = 262_144;

/** Checks a configuration and returns a copy with its defaults filled in. @throws LifecycleError ERR_CONFIG */
export type ConfigReader = (config: unknown) => PluginConfig;

/** Accepts any JSON object, for a plugin without a schema. */
export const anyConfig =
  (pluginId: string): ConfigReader =>
  (config) =>
    copyOfConfig(config, pluginId).copy;

/**
 * Reads the schema that the manifest names.
 * @throws LifecycleError ERR_CONFIG if it cannot be read or is not a JSON Schema
 */
export async function configReader({ id, path, manifest }: Candidate): Promise<ConfigReader> {
  const { config } = manifest;
  if (config === undefined) return anyConfig(id);
  const file = join(path, config.schema);
  const validate = await readSchema(path, file).catch((cause: unknown) => {
    if (cause instanceof PluginError) throw inPlugin(cause, id);
    requireCodeGeneration(cause, { pluginId: id, path: file, step: 'manifest' });
    const fields = { key: '', reason: `${UNUSABLE_SCHEMA} ${config.schema} cannot be used: ${messageOf(cause)}` };
    throw new LifecycleError('ERR_CONFIG', fields, { pluginId: id, path: file, step: 'manifest', cause });
  });
  return (given) => {
    const { copy, length } = copyOfConfig(given, id);
    const failure = validate(copy, length);
    if (failure === undefined) return copy;
    throw new LifecycleError('ERR_CONFIG', { key: dottedKey(failure), reason: reasonOf(failure) }, { pluginId: id });
  };
}

async function readSchema(folder: string, file: string): Promise<Validator> {
  const real = await realpath(file);
  if (!real.startsWith(`${await realpath(folder)}${sep}`)) throw new Error('it is outside the plugin folder');
  const text = (await readBounded(real, MAX_SCHEMA_BYTES)).toString('utf8').replace(/^\ufeff/, ''); // editors on Windows may begin a file so
  return compileSchema(JSON.parse(text) as unknown, { useDefaults: true });
}

/** The path of the key as people write it: `units.0` for `/units/0`. */
const dottedKey = ({ pointer, key }: ValidationFailure): string => [...keysOf(pointer), ...(key === undefined ? [] : [key])].join('.');

/** Strings are not shown, because a configuration may contain secrets and errors go to logs. */
const reasonOf = ({ expected, found }: ValidationFailure): string => `expected ${expected}, found ${found.startsWith('"') ? 'a string' : found}`;
