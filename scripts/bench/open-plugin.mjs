/** Opens the benchmark plugin. */
import { DynamicPluginLoader, PluginRegistry, ProcessLoader } from 'aisopod-plugin';
import { ONE_PLUGIN, PLUGIN_ID } from './native.mjs';

const hostVersion = '1.0.0';

/** How to load a plugin whose child may reach this; `undefined` for no sandbox. */
export const requestFor = (grants) => (grants === undefined ? {} : { sandbox: { askedEnv: [], copyDir: undefined, child: () => ({ grants, env: {}, inheritEnv: [] }) } });

/**
 * @param {object} options
 * @param {'in-process' | 'process'} options.isolation
 * @param {object} [options.processes] options of ProcessLoader
 * @param {Function} [options.grantsOf] what the child of a plugin may reach; without it, it is not sandboxed
 */
export async function openPlugin({ dataDir, isolation, processes, grantsOf, logger }) {
  const scanner = new DynamicPluginLoader({ hostVersion, pluginDirs: [ONE_PLUGIN], logger });
  const { candidates, refused } = await scanner.discover();
  if (refused.length > 0) throw refused[0].error;
  const loader = isolation === 'process' ? new ProcessLoader({ hostVersion, logger, ...processes }) : scanner;
  const registry = new PluginRegistry({ hostVersion, dataDir, logger });
  const plugin = await loader.loadPlugin(candidates[0], requestFor(grantsOf?.(candidates[0])));
  await registry.register(plugin);
  const { failed } = await registry.initAll();
  if (failed.length > 0) throw failed[0].error;
  return { tool: (name) => registry.tool(`${name}-${PLUGIN_ID}`), pid: plugin.pid, close: () => registry.shutdownAll() };
}
