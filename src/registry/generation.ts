import type { Plugin } from '../plugin/plugin.js';

/**
 * One registration of a plugin. Another one with the same id is the next generation; both may be up at once. The object
 * stands for it: names and capabilities are kept by it.
 */
export interface Generation extends Pick<Plugin, 'id' | 'declared'> {
  /** Counts the registrations of this id, from 1. */
  readonly number: number;
}
