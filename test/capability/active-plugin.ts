import path from 'node:path';
import type { Backend } from '../../src/invocation/backend.js';
import type { CapabilityDescriptor } from '../../src/capability/descriptor.js';
import type { CapabilityContext } from '../../src/capability/kind.js';
import type { CapabilityHandles, UniqueKind } from '../../src/capability/kinds/index.js';
import { definePlugin, type PluginDefinition } from '../../src/plugin/define-plugin.js';
import type { PluginApi } from '../../src/plugin/plugin.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import type { PluginRegistryOptions } from '../../src/registry/registry-options.js';
import { compileSchema } from '../../src/schema/index.js';
import { afterFile } from '../support/cleanup.js';
import { temporaryFolder } from '../support/fixtures.js';

/** A registry with its own data folder, emptied after the tests of the calling file. */
export function newRegistry(options: Partial<PluginRegistryOptions> = {}): PluginRegistry {
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: path.join(temporaryFolder(), 'data'), ...options });
  afterFile(() => registry.shutdownAll());
  return registry;
}

/** Registers and initializes plugins in JavaScript. */
export async function activate(definitions: readonly PluginDefinition[], options: Partial<PluginRegistryOptions> = {}): Promise<PluginRegistry> {
  const registry = newRegistry(options);
  for (const definition of definitions) await registry.register(definePlugin(definition));
  const { failed } = await registry.initAll();
  if (failed[0] !== undefined) throw failed[0].error;
  return registry;
}

/** One active plugin, `plain`, that registers this. */
export const activePlugin = (register: (api: PluginApi) => void, options: Partial<PluginRegistryOptions> = {}): Promise<PluginRegistry> =>
  activate([{ id: 'plain', register }], options);

export function found<K extends UniqueKind>(registry: PluginRegistry, kind: K, name: string): CapabilityHandles[K] {
  const capability = registry.find(kind, name);
  if (capability === undefined) throw new Error(`there is no ${kind} ${name}`);
  return capability;
}

/** What a capability that runs on `backend` is made of. */
export const contextOf = (pluginId: string, descriptor: CapabilityDescriptor, backend: Backend, authorize: CapabilityContext['authorize'] = () => false): CapabilityContext =>
  ({ pluginId, descriptor, backend, authorize, compileSchema });

/** A backend that answers everything with this text, as a broken plugin might. */
export const answering = (text: string): Backend => ({ invoke: () => Promise.resolve(text) });

/** A promise with its ends in hand. */
export function gate(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open!: () => void;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}
