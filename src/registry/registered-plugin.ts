import type { PluginError } from '../errors/index.js';
import type { PluginState } from '../plugin/lifecycle-table.js';
import type { Plugin } from '../plugin/plugin.js';
import type { RegistryEntry } from './registry-entry.js';

/** The current state of a registered plugin. */
export interface RegisteredPlugin {
  readonly plugin: Plugin;
  /** Counts the registrations of its id, from 1. */
  readonly generation: number;
  readonly state: PluginState;
  /** Present if it failed. */
  readonly error?: PluginError;
  /** What it has registered: `tool forecast` … */
  readonly registered: readonly string[];
  /** Declared but not registered: `tool forecast` … */
  readonly missing: readonly string[];
}

export function registeredPlugin({ plugin, generation, state, error, registered, missing }: RegistryEntry): RegisteredPlugin {
  return { plugin, generation: generation.number, state, registered, missing, ...(error && { error }) };
}
