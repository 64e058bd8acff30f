/** A host with the plugin `reloaded`, of which there are several builds, and what tests of updates ask of it. */
import { existsSync, readdirSync } from 'node:fs';
import type { PluginHostOptions } from '../../src/host/host-options.js';
import type { PluginHost } from '../../src/host/plugin-host.js';
import type { Isolation } from '../../src/report/plugin-report.js';
import { copyFixture, libraryFileName, temporaryFolder, testWhere } from '../support/fixtures.js';
import { until } from '../support/host.js';
import { installBuild } from '../support/releases.js';
import { open } from './host.js';

export const HOMES: readonly (readonly [string, Isolation])[] = [
  ['in-process', 'in-process'],
  ['in a child of its own', 'process'],
  ['in a shared child', { process: 'shared' }],
];

export const call = (host: PluginHost, tool: string, params: unknown = {}): Promise<unknown> =>
  host.find('tool', tool)?.call(params, { onChunk: () => undefined }) ?? Promise.resolve();

/** Private copies of the plugin. */
export function copiesIn(copyDir: string): readonly string[] {
  try {
    return readdirSync(copyDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(libraryFileName('reloaded')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(copyDir)) return copiesIn(copyDir); // a copy was just removed
    throw error;
  }
}

interface Opened {
  readonly host: PluginHost;
  /** The plugin folder. */
  readonly plugin: string;
  readonly folder: string;
  readonly copyDir: string;
}

/** A neighbour keeps a shared child alive. */
export async function openReloaded(isolation: Isolation, more: Partial<PluginHostOptions> = {}, folder = temporaryFolder()): Promise<Opened> {
  const copyDir = temporaryFolder();
  const plugin = installBuild(folder, 'reloaded-1');
  copyFixture('inside-count', folder);
  const host = await open({ pluginDirs: [folder], isolation, trust: { copyDir }, updates: { probationMs: 0 }, ...more });
  return { host, plugin, folder, copyDir };
}

/** The numbers of the generations that are up, with what the others are there for. */
export function generationsOf(host: PluginHost): readonly unknown[] {
  const { generation, otherGenerations = [] } = host.explain('reloaded') ?? {};
  return [generation, ...otherGenerations.map((other) => `${other.role} ${other.generation ?? '?'}`)];
}

export const whenAlone = (host: PluginHost): Promise<void> => until(() => generationsOf(host).length === 1);

// Windows lets nobody replace the file of an open library.
export const testOnPosix = testWhere(process.platform !== 'win32', 'Windows does not let the file of an open library be replaced');

