import { LifecycleError, messageOf } from '../errors/index.js';

/** A JSON object. */
export type PluginConfig = Readonly<Record<string, unknown>>;

export interface ConfigCopy {
  readonly copy: PluginConfig;
  /** The length of its JSON. */
  readonly length: number;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Copies a configuration through JSON, which is how the plugin gets it. Later changes of the host's object have no effect.
 * @throws LifecycleError ERR_CONFIG for anything that is not a JSON object
 */
export function copyOfConfig(config: unknown, pluginId: string): ConfigCopy {
  const refuse = (reason: string, key = '', cause?: unknown): LifecycleError => new LifecycleError('ERR_CONFIG', { key, reason }, { pluginId, cause });
  if (!isObject(config)) throw refuse(`expected an object, found ${kindOf(config)}`);
  const json = jsonOf(config, refuse);
  const copy: unknown = json === undefined ? undefined : JSON.parse(json);
  if (json === undefined || !isObject(copy)) throw refuse(`expected an object, found one whose JSON is ${kindOf(copy)}`);
  return { copy: copy as PluginConfig, length: json.length };
}

function jsonOf(config: object, refuse: (reason: string, key?: string, cause?: unknown) => LifecycleError): string | undefined {
  try {
    return JSON.stringify(config, (key, value: unknown) => {
      const found = typeof value === 'bigint' ? 'a BigInt' : typeof value === 'number' && !Number.isFinite(value) ? String(value) : undefined;
      if (found !== undefined) throw refuse(`JSON cannot hold it: found ${found}`, key);
      return value;
    });
  } catch (cause) {
    if (cause instanceof LifecycleError) throw cause;
    // Only the first line: the others show the path of a cycle.
    throw refuse(`JSON cannot hold it: ${messageOf(cause).split('\n', 1)[0] ?? ''}`, '', cause);
  }
}

/** Names the type only: the value may be a secret. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
