import { LoadError, nearest } from '../errors/index.js';
import { isOptionsObject } from '../options/options-object.js';
import { optionError } from '../options/option-error.js';
import type { Plugin, PluginContext, PluginMeta } from './plugin.js';

/** A plugin in JavaScript. Only the id and `register` are required. */
export interface PluginDefinition extends Pick<Plugin, 'id' | 'declared' | 'register' | 'reconfigure'> {
  /** Default: the id as its name, and version 0.0.0. */
  readonly meta?: Partial<PluginMeta>;
  init?(context: PluginContext): Promise<void> | void;
  /** Called once, and only if `init` succeeded. */
  shutdown?(): Promise<void> | void;
}

/** Makes a `Plugin` from a definition, for a host's own plugin or a unit test. @throws LoadError ERR_OPTIONS */
export function definePlugin(definition: PluginDefinition): Plugin {
  requireDefinition(definition);
  const { id, declared } = definition;
  let mustStop = false;
  const shutdown = async (): Promise<void> => {
    if (!mustStop) return;
    mustStop = false;
    await definition.shutdown?.();
  };
  return {
    id,
    meta: { name: id, version: '0.0.0', description: '', author: '', ...definition.meta },
    ...(declared && { declared }),
    register: (api) => definition.register(api),
    async init(context) {
      await definition.init?.(context);
      mustStop = true;
    },
    ...(definition.reconfigure && { reconfigure: (config: PluginContext['config']) => definition.reconfigure?.(config) }),
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  };
}

const METHODS = ['register', 'init', 'shutdown', 'reconfigure'] as const;
const MEMBERS = ['id', 'meta', 'declared', ...METHODS];
const META = ['name', 'version', 'description', 'author'];

function requireDefinition(given: unknown): asserts given is PluginDefinition {
  if (!isOptionsObject(given)) throw optionError('plugin', 'the definition of a plugin', given);
  refuseUnknown('plugin', given, MEMBERS);
  const { id, meta, declared } = given;
  if (typeof id !== 'string' || id === '') throw optionError('plugin.id', 'a string that is not empty', id);
  for (const method of METHODS) {
    const isMissing = given[method] === undefined && method !== 'register';
    if (!isMissing && typeof given[method] !== 'function') throw optionError(`plugin.${method}`, 'a method', given[method]);
  }
  for (const [member, value] of Object.entries({ meta, declared })) {
    if (value !== undefined && !isOptionsObject(value)) throw optionError(`plugin.${member}`, 'an object', value);
  }
  if (isOptionsObject(meta)) refuseUnknown('plugin.meta', meta, META);
}

/** An instance of a class may have other members; there only another spelling of a known name is refused. */
function refuseUnknown(option: string, given: object, known: readonly string[]): void {
  const prototype: unknown = Object.getPrototypeOf(given);
  const hasClass = prototype !== null && Object.getPrototypeOf(prototype) !== null;
  const isSpelling = (name: string): boolean => known.some((other) => other.toLowerCase() === name.toLowerCase());
  const unknown = Object.keys(given).find((name) => !known.includes(name) && (!hasClass || isSpelling(name)));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  const expected = meant === undefined ? `one of the names ${known.join(', ')}` : `a known name (did you mean ${meant}?)`;
  throw new LoadError('ERR_OPTIONS', { option: `${option}.${unknown}`, expected, found: 'an unknown name', ...(meant !== undefined && { nearest: meant }) });
}
