import path from 'node:path';
import type { PluginError } from '../../src/errors/index.js';
import type { Tool } from '../../src/capability/kinds/tool.js';
import { candidateAt } from '../../src/cli/candidate-named.js';
import { DynamicPluginLoader, type DynamicPluginLoaderOptions } from '../../src/loader/dynamic-plugin-loader.js';
import { LOADER_SHAPE } from '../../src/loader/loader-options.js';
import type { LogLevel, Logger } from '../../src/log/logger.js';
import { pick } from '../../src/options/group.js';
import type { Plugin } from '../../src/plugin/plugin.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import type { PluginRegistryOptions } from '../../src/registry/registry-options.js';
import { REGISTRY_SHAPE } from '../../src/registry/registry-options.js';
import type { Candidate } from '../../src/scan/index.js';
import { fixturesRoot, temporaryFolder } from './fixtures.js';
import { afterFile } from './cleanup.js';

export interface TestHost {
  readonly loader: DynamicPluginLoader;
  readonly registry: PluginRegistry;
  /** Every line that was logged. */
  readonly log: readonly LogLine[];
  plugin(id: string): Plugin;
  tool(name: string): Tool;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly pluginId: unknown;
}

export type HostOptions = Partial<DynamicPluginLoaderOptions> & Partial<PluginRegistryOptions>;

function loggerInto(log: LogLine[]): Logger {
  const write = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    log.push({ level, message, pluginId: fields?.pluginId });
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** Those that load what is in the folder of all fixtures. */
const loadersOfFixtures = new WeakSet<DynamicPluginLoader>();

/** A plugin that the loader finds. The fixtures are in folders of their names: scanning all of them takes longer than most tests. */
export async function candidateOf(loader: DynamicPluginLoader, id: string): Promise<Candidate> {
  if (loadersOfFixtures.has(loader)) return candidateAt(path.join(fixturesRoot, id), HOST_VERSION);
  const { candidates } = await loader.discover();
  const found = candidates.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`the fixture ${id} is no candidate`);
  return found;
}

const HOST_VERSION = '1.0.0';

export function loaderOf(options: HostOptions = {}): DynamicPluginLoader {
  const loader = new DynamicPluginLoader(pick(LOADER_SHAPE, { pluginDirs: [fixturesRoot], hostVersion: HOST_VERSION, ...options }));
  if (options.pluginDirs === undefined && options.hostVersion === undefined) loadersOfFixtures.add(loader);
  return loader;
}

/** Loads one fixture and goes no further. */
export async function loadFixture(id: string, options: HostOptions = {}): Promise<Plugin> {
  const loader = loaderOf(options);
  return loader.loadPlugin(await candidateOf(loader, id));
}

/** Loads, registers and initializes fixtures. They are shut down after the tests of the calling file. */
export async function openHost(ids: readonly string[], options: HostOptions = {}): Promise<TestHost> {
  const log: LogLine[] = [];
  const logger = options.logger ?? loggerInto(log);
  const loader = loaderOf({ ...options, logger });
  const registry = new PluginRegistry(pick(REGISTRY_SHAPE, { hostVersion: '1.0.0', dataDir: path.join(temporaryFolder(), 'data'), ...options, logger }));
  afterFile(() => registry.shutdownAll());
  for (const id of ids) await registry.register(await loader.loadPlugin(await candidateOf(loader, id)));
  const { failed } = await registry.initAll();
  if (failed[0] !== undefined) throw failed[0].error;
  return {
    loader,
    registry,
    log,
    plugin: (id) => present(registry.get(id), `plugin ${id}`),
    tool: (name) => present(registry.tool(name), `tool ${name}`),
  };
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}

/** The error that a promise is rejected with; throws where it is not. */
export async function errorOf(promise: Promise<unknown> | undefined): Promise<PluginError> {
  try {
    await promise;
  } catch (error) {
    return error as PluginError;
  }
  throw new Error('nothing was thrown');
}

/**
 * The error of a call whose deadline passed while native code was inside. On a busy machine a short deadline may pass before the call
 * has begun; then it is called again. Only where the host knows that: in this process, or in a child that shares memory with it.
 */
export async function timeoutInside(call: () => Promise<unknown> | undefined): Promise<PluginError> {
  for (;;) {
    const error = await errorOf(call());
    if (!('stillRunning' in error) || error.stillRunning === true) return error;
  }
}

/**
 * The error of a call whose deadline passed while it was pending. On a busy machine a short deadline may pass before the call has
 * begun, or before the host knows that it is pending; then it is called again.
 */
export async function timeoutPending(call: () => Promise<unknown>): Promise<PluginError> {
  for (;;) {
    const error = await errorOf(call());
    const { stillRunning, waited } = error as { readonly stillRunning?: boolean; readonly waited?: boolean };
    if (error.code !== 'ERR_PLUGIN_BUSY' && stillRunning !== true && waited !== true) return error;
    await pause(5);
  }
}

interface CancelledInsideOptions {
  readonly reason?: Error;
  /** Resolves when native code is inside. Only that says so in a child that shares no memory with its host. */
  readonly untilInside?: () => Promise<unknown>;
}

/** The error of a call that was cancelled while native code was inside. On a busy machine it may not have begun yet; then it is called again. */
export async function cancelledInside(
  call: (signal: AbortSignal) => Promise<unknown> | undefined,
  { reason, untilInside = () => pause(50) }: CancelledInsideOptions = {},
): Promise<PluginError> {
  for (;;) {
    const stop = new AbortController();
    const ended = errorOf(call(stop.signal));
    await untilInside();
    stop.abort(reason);
    const error = await ended;
    if (!('stillRunning' in error) || error.stillRunning === true) return error;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something holds; the test's own time limit ends it where it never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(2);
}

/** What the plugin's record says, as text to match. */
export const recordOf = (plugin: Plugin): string => (plugin.events ?? []).map(({ step, message }) => `${step}: ${message}`).join('\n');

/** Makes a synchronous call. On a busy machine a child may not get to answer within the time: then once more. */
export async function whenQuick<T>(call: () => T): Promise<T> {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!['ERR_INVOCATION_TIMEOUT', 'ERR_PLUGIN_BUSY'].includes((error as { code?: string }).code ?? '')) throw error;
      await pause(50);
    }
  }
}
