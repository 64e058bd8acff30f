import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { LifecycleError, messageOf } from '../errors/index.js';
import { readBounded } from '../files/index.js';
import { copyOfConfig, type PluginConfig } from '../plugin/config-copy.js';
import type { Candidate } from '../scan/index.js';
import { compileSchema, requireCodeGeneration, type ValidationFailure, type Validator } from '../schema/index.js';

const MAX_SCHEMA_BYTES = 262_144;

/** Checks a configuration and fills in its defaults. What it returns is a copy. @throws LifecycleError ERR_CONFIG */
export type ConfigReader = (config: unknown) => PluginConfig;

/** Takes any JSON object: for a plugin without a schema. */
export const anyConfig =
  (pluginId: string): ConfigReader =>
  (config) =>
    copyOfConfig(config, pluginId).copy;

/**
 * Reads the schema that the manifest names.
 * @throws LifecycleError ERR_CONFIG where it cannot be read or is no JSON Schema
 */
export async function configReader({ id, path, manifest }: Candidate): Promise<ConfigReader> {
  const { config } = manifest;
  if (config === undefined) return anyConfig(id);
  const file = join(path, config.schema);
  const validate = await readSchema(path, file).catch((cause: unknown) => {
    requireCodeGeneration(cause, { pluginId: id, path: file, step: 'manifest' });
    const fields = { key: '', reason: `its schema ${config.schema} cannot be used: ${messageOf(cause)}` };
    throw new LifecycleError('ERR_CONFIG', fields, { pluginId: id, path: file, step: 'manifest', cause });
  });
  return (given) => {
    const { copy, length } = copyOfConfig(given, id);
    const failure = validate(copy, length);
    if (failure === undefined) return copy;
    throw new LifecycleError('ERR_CONFIG', { key: keyOf(failure), reason: reasonOf(failure) }, { pluginId: id });
  };
}

async function readSchema(folder: string, file: string): Promise<Validator> {
  const real = await realpath(file);
  if (!real.startsWith(`${await realpath(folder)}${sep}`)) throw new Error('it lies outside the plugin folder');
  const text = (await readBounded(real, MAX_SCHEMA_BYTES)).toString('utf8');
  return compileSchema(JSON.parse(text) as unknown, { useDefaults: true });
}

/** `/units/0` as people write it: `units.0`. A key that is missing, or one too many, is named by the validator's words. */
function keyOf({ pointer, expected }: ValidationFailure): string {
  const path = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const member = /(?:required property '|additional properties ")(.+)['"]$/.exec(expected)?.[1];
  return (member === undefined ? path : [...path, member]).join('.');
}

/** Configurations hold secrets, and errors go to logs: a text is not shown. */
function reasonOf({ expected, found }: ValidationFailure): string {
  return `expected ${expected}, found ${found.startsWith('"') ? 'a text' : found}`;
}
