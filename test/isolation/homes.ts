import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { CapabilityHandles } from '../../src/capability/kinds/index.js';
import { NO_GRANTS } from '../../src/isolation/sandbox/grants.js';
import { PROCESS_LOADER_SHAPE, ProcessLoader, type ProcessLoaderOptions } from '../../src/isolation/proxy/process-loader.js';
import type { IsolatedPlugin } from '../../src/isolation/proxy/isolated-plugin.js';
import type { LoadRequest } from '../../src/loader/load-plugin.js';
import type { LogLevel, Logger } from '../../src/log/logger.js';
import { pick } from '../../src/options/group.js';
import type { Plugin } from '../../src/plugin/plugin.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import type { PluginRegistryOptions } from '../../src/registry/registry-options.js';
import type { Sandbox } from '../../src/report/child-sandbox.js';
import type { Candidate } from '../../src/scan/index.js';
import { REGISTRY_SHAPE } from '../../src/registry/registry-options.js';
import { afterFile } from '../support/cleanup.js';
import { temporaryFolder } from '../support/fixtures.js';
import { isSandboxed } from '../support/sandbox.js';
import { candidateOf, loaderOf, type LogLine } from '../support/host.js';

/** `socket`: a process that shares no memory with the host. */
export type Home = 'in-process' | 'process' | 'socket';

export type HomeOptions = Partial<ProcessLoaderOptions> &
  Partial<Omit<PluginRegistryOptions, 'hostVersion' | 'logger'>> & {
    readonly pluginDirs?: readonly string[];
    /** What a plugin in a process may reach, beside the folder of the plugin and its data. `false`: it is not sandboxed. */
    readonly grants?: Partial<Sandbox> | false;
  };


/** Programs of a child that tests bring (`childEntry`) are not sandboxed, since they load files of the tests. */
function requestFor(candidate: Candidate, { childEntry, grants = isSandboxed && childEntry === undefined ? {} : false }: HomeOptions, dataDir: string): LoadRequest {
  if (grants === false) return {};
  mkdirSync(dataDir, { recursive: true });
  const { read = [], write = [] } = grants;
  const all = { ...NO_GRANTS, ...grants, read: [realpathSync(candidate.path), ...read], write: [realpathSync(dataDir), ...write] };
  return { sandbox: { askedEnv: [], copyDir: undefined, child: () => ({ grants: all, env: {}, inheritEnv: [] }) } };
}

export interface HomeHost {
  readonly registry: PluginRegistry;
  readonly log: LogLine[];
  plugin(id: string): Plugin;
  /** Only of a plugin in a process. */
  remote(id: string): IsolatedPlugin;
  tool(name: string): CapabilityHandles['tool'];
  find<K extends 'command' | 'channel' | 'provider'>(kind: K, name: string): CapabilityHandles[K];
}

function loggerInto(log: LogLine[]): Logger {
  const write = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    log.push({ level, message, pluginId: fields?.pluginId });
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

const transportOf = (home: Home): HomeOptions => (home === 'socket' ? { transport: 'socket' } : {});

/** Loads one fixture and goes no further. */
export async function loadIn(home: Home, id: string, options: HomeOptions = {}): Promise<Plugin> {
  const finder = loaderOf(options);
  const candidate = await candidateOf(finder, id);
  if (home === 'in-process') return finder.loadPlugin(candidate);
  const given = pick(PROCESS_LOADER_SHAPE, { hostVersion: '1.0.0', ...transportOf(home), ...options });
  return new ProcessLoader(given).loadPlugin(candidate, requestFor(candidate, options, path.join(temporaryFolder(), 'data')));
}

/** Loads, registers and initializes fixtures, all in one home. They are shut down after the tests of the calling file. */
export async function openIn(home: Home, ids: readonly string[], options: HomeOptions = {}): Promise<HomeHost> {
  const log: LogLine[] = [];
  const logger = options.logger ?? loggerInto(log);
  const finder = loaderOf({ ...options, logger });
  const { dataDir = path.join(temporaryFolder(), 'data') } = options;
  const processOptions = pick(PROCESS_LOADER_SHAPE, { hostVersion: '1.0.0', ...transportOf(home), ...options, logger });
  const loader = home === 'in-process' ? finder : new ProcessLoader(processOptions);
  const registry = new PluginRegistry(pick(REGISTRY_SHAPE, { ...options, dataDir, hostVersion: '1.0.0', logger }));
  afterFile(() => registry.shutdownAll());
  for (const id of ids) {
    const candidate = await candidateOf(finder, id);
    await registry.register(await loader.loadPlugin(candidate, home === 'in-process' ? {} : requestFor(candidate, options, dataDir)));
  }
  const { failed } = await registry.initAll();
  if (failed[0] !== undefined) throw failed[0].error;
  return {
    registry,
    log,
    plugin: (id) => present(registry.get(id), `plugin ${id}`),
    remote: (id) => present(registry.get(id), `plugin ${id}`) as IsolatedPlugin,
    tool: (name) => present(registry.tool(name), `tool ${name}`),
    find: (kind, name) => present(registry.find(kind, name), `${kind} ${name}`),
  };
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}

/**
 * How many of these calls, of `ms` each, were inside inside-count-safe at once. On a busy machine a call may be over before the next
 * thread has begun: if none met, some more times.
 */
export async function mostInside(host: HomeHost, calls: number, ms: number): Promise<number> {
  let most = 0;
  for (let tries = 0; most <= 1 && tries < 10; tries++) {
    await Promise.all(Array.from({ length: calls }, () => host.tool('stay').call({ ms })));
    ({ most } = await host.tool('most_inside').call<object, { most: number }>({}));
  }
  return most;
}
