import { tracingChannel } from 'node:diagnostics_channel';
import type { Plugin } from '../plugin/plugin.js';
import { requireCandidate, type Candidate } from '../scan/index.js';

/**
 * The message that subscribers of the tracing channel `aisopod-plugin:load` get. Node adds `result` (the Plugin) or `error`
 * before `asyncEnd`.
 */
export interface LoadMessage {
  readonly pluginId: string;
  /** The plugin folder. */
  readonly path: string;
  readonly version: string;
}

const channel = tracingChannel<unknown, LoadMessage>('aisopod-plugin:load');

/** Runs `load` and reports it to those subscribers. @throws LoadError ERR_OPTIONS if `candidate` is not a candidate */
export async function tracedLoad<P extends Plugin>(candidate: Candidate, load: () => Promise<P>): Promise<P> {
  requireCandidate(candidate);
  const { id, path, manifest } = candidate;
  return channel.tracePromise(load, { pluginId: id, path, version: manifest.plugin.version });
}
