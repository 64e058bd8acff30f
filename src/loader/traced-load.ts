import { tracingChannel } from 'node:diagnostics_channel';
import type { Plugin } from '../plugin/plugin.js';
import type { Candidate } from '../scan/index.js';

/**
 * What subscribers of the tracing channel `aisopod-plugin:load` get. Node adds `result` (the Plugin) or `error` before
 * `asyncEnd`.
 */
export interface LoadMessage {
  readonly pluginId: string;
  /** The plugin folder. */
  readonly path: string;
  readonly version: string;
}

const channel = tracingChannel<unknown, LoadMessage>('aisopod-plugin:load');

/** Loads a plugin, wherever to, in the sight of those subscribers. */
export function tracedLoad<P extends Plugin>(candidate: Candidate, load: () => Promise<P>): Promise<P> {
  const { id, path, manifest } = candidate;
  return channel.tracePromise(load, { pluginId: id, path, version: manifest.plugin.version });
}
