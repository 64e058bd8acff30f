import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { compileSchema, type Validator } from '../capability/validator.js';
import { LifecycleError, messageOf } from '../errors/index.js';
import type { Candidate } from '../scan/index.js';

export type PluginConfig = Readonly<Record<string, unknown>>;

const MAX_SCHEMA_BYTES = 262_144;

/** Checks a configuration against a plugin's schema, fills in its defaults, and leaves the given object alone. */
export type ConfigReader = (config: PluginConfig) => PluginConfig;

/**
 * Reads the schema that the manifest names. Without one any object is a configuration.
 * @throws LifecycleError ERR_CONFIG where the schema cannot be read or is none
 */
export async function configReader({ id, path, manifest }: Candidate): Promise<ConfigReader> {
  const { config } = manifest;
  if (config === undefined) return (given) => given;
  const file = join(path, config.schema);
  const validate = await readSchema(path, file).catch((cause: unknown) => {
    const fields = { key: '', reason: `its schema ${config.schema} cannot be used: ${messageOf(cause)}` };
    throw new LifecycleError('ERR_CONFIG', fields, { pluginId: id, path: file, cause });
  });
  return (given) => {
    const filled = structuredClone(given);
    const failure = validate(filled);
    if (failure === undefined) return filled;
    const reason = `expected ${failure.expected}, found ${failure.found}`;
    throw new LifecycleError('ERR_CONFIG', { key: keyOf(failure.pointer), reason }, { pluginId: id });
  };
}

async function readSchema(folder: string, file: string): Promise<Validator> {
  const real = await realpath(file);
  if (!real.startsWith(`${await realpath(folder)}${sep}`)) throw new Error('it lies outside the plugin folder');
  const { size } = await stat(real);
  if (size > MAX_SCHEMA_BYTES) throw new Error(`${size} bytes are over the limit of ${MAX_SCHEMA_BYTES}`);
  return compileSchema(JSON.parse(await readFile(real, 'utf8')) as unknown, { useDefaults: true });
}

/** `/units/0` as people write it: `units.0`. */
const keyOf = (pointer: string): string => pointer.split('/').slice(1).join('.');
