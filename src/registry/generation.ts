import type { Plugin } from '../plugin/plugin.js';

/**
 * One registration of a plugin. Another registration with the same id is the next generation; both may be active at once. The
 * object is the key under which names and capabilities are stored.
 */
export interface Generation extends Pick<Plugin, 'id' | 'declared'> {
  /** The number of this registration among those with the same id, from 1. */
  readonly number: number;
}
