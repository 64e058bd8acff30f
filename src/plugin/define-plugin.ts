import type { Plugin, PluginContext, PluginMeta } from './plugin.js';

/** A plugin in JavaScript: an id and `register` are enough. */
export interface PluginDefinition extends Pick<Plugin, 'id' | 'declared' | 'register' | 'reconfigure'> {
  /** Default: the id as its name, and version 0.0.0. */
  readonly meta?: Partial<PluginMeta>;
  init?(context: PluginContext): Promise<void> | void;
  /** Called once, and only where `init` succeeded. */
  shutdown?(): Promise<void> | void;
}

/** A `Plugin` of the host's own, or for a unit test, with the rest filled in. */
export function definePlugin(definition: PluginDefinition): Plugin {
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
