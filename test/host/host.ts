import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PluginHostOptions } from '../../src/host/host-options.js';
import { PluginHost } from '../../src/host/plugin-host.js';
import type { LogLevel, Logger } from '../../src/log/logger.js';
import { definePlugin, type PluginDefinition } from '../../src/plugin/define-plugin.js';
import type { Plugin } from '../../src/plugin/plugin.js';
import { afterFile } from '../support/cleanup.js';
import { temporaryFolder } from '../support/fixtures.js';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** A logger that keeps what it gets. */
export function keepingLogger(): { readonly lines: readonly LogLine[]; readonly logger: Logger } {
  const lines: LogLine[] = [];
  const write = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    lines.push({ level, message, fields });
  };
  return { lines, logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') } };
}

/** A host on these plugins alone, in this process, with a data folder of its own; closed after the tests of the calling file. */
export async function open(options: Partial<PluginHostOptions> = {}): Promise<PluginHost> {
  const own = temporaryFolder();
  const folders = { dataDir: path.join(own, 'data'), stateDir: path.join(own, 'state') };
  const host = await PluginHost.open({ isolation: 'in-process', hostVersion: '1.0.0', pluginDirs: [], ...folders, ...options });
  afterFile(() => host.close());
  return host;
}

/** A plugin in JavaScript with one tool of the plugin's name, which answers `{}` unless told otherwise. */
export const plain = (id: string, rest: Partial<PluginDefinition> = {}): Plugin =>
  definePlugin({ id, register: (api) => api.registerTool({ name: id, call: () => ({}) }), ...rest });

/** Ids and states in the order of the report. */
export const statesOf = (host: PluginHost): (readonly [string | undefined, string])[] =>
  host.report().map(({ id, state }) => [id, state]);

export const manifestOf = (plugin: string): string => path.join(plugin, 'aisopod.plugin.toml');

export const appendToManifest = (plugin: string, text: string): void => appendFileSync(manifestOf(plugin), text);

export function editManifest(plugin: string, from: string, to: string): void {
  const text = readFileSync(manifestOf(plugin), 'utf8');
  if (!text.includes(from)) throw new Error(`the manifest has no ${from}`);
  writeFileSync(manifestOf(plugin), text.replace(from, to));
}

export const NEVER = new Promise<never>(() => undefined);
