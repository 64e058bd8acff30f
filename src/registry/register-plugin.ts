import { labelOf } from '../capability/descriptor.js';
import type { Offer } from '../capability/js/offer.js';
import { registrars } from '../capability/kinds/index.js';
import type { JsInvoker } from '../plugin/js/invoker.js';
import { traced } from '../capability/traced.js';
import { LifecycleError } from '../errors/index.js';
import type { Plugin, PluginApi } from '../plugin/plugin.js';
import type { CapabilityTable } from './capability-table.js';
import type { Generation } from './generation.js';

/** Runs the plugin's `register`, with an api that works only until `register` returns. @throws LifecycleError */
export async function registerPlugin(
  plugin: Plugin,
  generation: Generation,
  table: CapabilityTable,
  invoker: JsInvoker,
  callCapability: PluginApi['callCapability'],
): Promise<void> {
  let isOpen = true;
  let refusal: unknown;
  const registerCapability: PluginApi['registerCapability'] = (descriptor, backend) => {
    if (!isOpen) {
      throw new LifecycleError('ERR_REGISTRATION_CLOSED', { capability: labelOf(descriptor) }, { pluginId: plugin.id });
    }
    try {
      table.reserve(generation, descriptor, traced(plugin.id, descriptor, backend));
    } catch (error) {
      refusal ??= error;
      throw error;
    }
  };
  const register = ({ descriptor, handlers }: Offer): void =>
    registerCapability(descriptor, invoker.backendOf(descriptor, handlers));
  try {
    await plugin.register({
      ...registrars(register),
      registerCapability,
      callCapability,
      namesTaken: () => table.takenFrom(generation),
    });
  } finally {
    isOpen = false;
  }
  if (refusal !== undefined) throw refusal as LifecycleError;
}
