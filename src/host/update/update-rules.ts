import { LifecycleError, LoadError } from '../../errors/index.js';
import type { Replacement } from '../../registry/replacement.js';
import type { EarlierLibraries } from '../isolation.js';
import type { ManagedPlugin } from '../managed-plugin.js';

/** @throws LoadError ERR_UPDATE_REFUSED if too many earlier libraries of the plugin are mapped in this process */
export function requireFewKept({ id = '', path, isolation }: ManagedPlugin, libraries: EarlierLibraries, maxKept: number): void {
  const kept = libraries.countMapped(id) - 1;
  if (isolation !== 'in-process' || kept < maxKept) return;
  const why = libraries.keptBecause(id).at(-1) ?? 'their generations have not ended';
  const reason = `${kept} earlier libraries of it are still mapped in this process (${why}); run it in a process of its own (isolation: 'process')`;
  throw new LoadError('ERR_UPDATE_REFUSED', { reason }, { pluginId: id, path });
}

/** @throws LifecycleError ERR_FEWER_CAPABILITIES if the next generation lacks a capability of the one that runs */
export function requireAllCapabilities({ id, path }: ManagedPlugin, { registered, replaced }: Replacement): void {
  const missing = replaced.registered.filter((name) => !registered.registered.includes(name));
  if (missing.length === 0) return;
  const found = registered.registered.join(', ') || 'none';
  throw new LifecycleError('ERR_FEWER_CAPABILITIES', { expected: missing.join(', '), found }, { pluginId: id, path });
}
