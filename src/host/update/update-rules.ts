import { LifecycleError } from '../../errors/index.js';
import type { Replacement } from '../../registry/replacement.js';
import type { ManagedPlugin } from '../managed-plugin.js';

/** @throws LifecycleError ERR_FEWER_CAPABILITIES if the next generation lacks a capability of the one that runs */
export function requireAllCapabilities({ id, path }: ManagedPlugin, { registered, replaced }: Replacement): void {
  const missing = replaced.registered.filter((name) => !registered.registered.includes(name));
  if (missing.length === 0) return;
  const found = registered.registered.join(', ') || 'none';
  throw new LifecycleError('ERR_FEWER_CAPABILITIES', { expected: missing.join(', '), found }, { pluginId: id, path });
}
