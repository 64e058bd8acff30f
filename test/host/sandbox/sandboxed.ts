import path from 'node:path';
import type { PluginHostOptions } from '../../../src/host/host-options.js';
import type { PluginHost } from '../../../src/host/plugin-host.js';
import { copyFixture, temporaryFolder } from '../../support/fixtures.js';
import { appendToManifest, open } from '../host.js';

export const NOTHING = { read: [], write: [], connect: [], listen: [], run: [], env: [], call: [] };

export interface Opened {
  readonly host: PluginHost;
  /** The plugin folder. */
  readonly plugin: string;
  readonly dataDir: string;
  readonly stateDir: string;
}

/** A sandboxed host with one fixture, whose manifest has these permissions. */
export async function hostWith(permissions: string, options: Partial<PluginHostOptions> = {}, fixture = 'reacher'): Promise<Opened> {
  const plugins = temporaryFolder();
  const own = temporaryFolder();
  const [dataDir, stateDir] = [path.join(own, 'data'), path.join(own, 'state')];
  const plugin = copyFixture(fixture, plugins);
  if (permissions !== '') appendToManifest(plugin, `\n[permissions]\n${permissions}\n`);
  const host = await open({ sandbox: 'best-effort', pluginDirs: [plugins], dataDir, stateDir, ...options });
  return { host, plugin, dataDir, stateDir };
}

/** A path as TOML writes it. */
export const toml = (...paths: readonly string[]): string => JSON.stringify(paths);

/** A path of a manifest, as reports say it: with slashes on Windows too. */
export const written = (file: string): string => (process.platform === 'win32' ? file.replaceAll('\\', '/') : file);

/** Calls a tool of the fixture `reacher`. */
export async function reach(host: PluginHost, tool: 'env' | 'read' | 'write' | 'call' | 'data', parameters: object = {}): Promise<unknown> {
  const found = host.find('tool', `reach_${tool}`);
  if (found === undefined) throw new Error(`reacher is ${host.explain('reacher')?.state ?? 'unknown'}: ${host.explain('reacher')?.message ?? ''}`);
  return found.call(parameters);
}
