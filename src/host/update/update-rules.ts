import { LifecycleError, LoadError } from '../../errors/index.js';
import type { Replacement } from '../../registry/replacement.js';
import type { ManagedPlugin } from '../managed-plugin.js';

/** @throws LoadError ERR_UPDATE_REFUSED if `kept`, the earlier libraries of the plugin that are mapped in this process, are too many */
export function requireFewKept({ id, path, isolation }: ManagedPlugin, kept: number, maxKept: number): void {
  if (isolation !== 'in-process' || kept < maxKept) return;
  const reason = `${kept} earlier libraries of it are still mapped in this process, which cannot unmap them; run it in a process of its own (isolation: 'process')`;
  throw new LoadError('ERR_UPDATE_REFUSED', { reason }, { pluginId: id, path });
}

/** @throws LifecycleError ERR_FEWER_CAPABILITIES if the next generation lacks a capability of the one that runs */
export function requireAllCapabilities({ id, path }: ManagedPlugin, { registered, replaced }: Replacement): void {
  const missing = replaced.registered.filter((name) => !registered.registered.includes(name));
  if (missing.length === 0) return;
  const found = registered.registered.join(', ') || 'none';
  throw new LifecycleError('ERR_FEWER_CAPABILITIES', { expected: missing.join(', '), found }, { pluginId: id, path });
}
