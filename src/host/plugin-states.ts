import type { LoadTimeouts } from '../plugin/lifecycle-table.js';
import type { Plugin } from '../plugin/plugin.js';
import { withLifecycle } from '../plugin/with-lifecycle.js';
import type { RegisteredPlugin } from '../registry/registered-plugin.js';
import type { ManagedPlugin } from './managed-plugin.js';
import { withDeadlines } from './with-deadlines.js';

/** Makes a plugin object of the host's a loaded plugin. */
export function loadOwn(own: Plugin, managed: ManagedPlugin, timeouts: LoadTimeouts): Plugin {
  const { lifecycle } = managed;
  own.supervise?.((event, failure) => {
    if (!lifecycle.allows(event)) return;
    lifecycle.happen(event, failure);
    managed.announce();
  });
  lifecycle.begin('load', { pluginId: own.id });
  lifecycle.finish('load');
  return withLifecycle(withDeadlines(own, timeouts), lifecycle);
}

/** Records what the registry accepted. */
export function noteRegistered(managed: ManagedPlugin, { missing = [], registered = [], generation = 0 }: Partial<RegisteredPlugin> = {}): void {
  managed.missing = missing;
  managed.registered = registered;
  managed.generation = generation;
  if (missing.length > 0) managed.trace.note('register', 'declared, but not registered', missing.join(', '));
  managed.announce();
}

/** Runs a step. A failure is recorded on the plugin. */
export async function attempt(plugin: ManagedPlugin, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    plugin.fail(error);
    await plugin.removeFolders();
  }
}
