import { LoadError, messageOf, type ErrorContext } from '../errors/index.js';
import { ProcessLoader } from '../isolation/process-loader.js';
import type { KeepAway, ProcessOptions } from '../isolation/process-options.js';
import { DynamicPluginLoader, type DynamicPluginLoaderOptions } from '../loader/dynamic-plugin-loader.js';
import type { LoadRequest } from '../loader/load-plugin.js';
import { optionError } from '../options/option-error.js';
import type { Plugin } from '../plugin/plugin.js';
import type { Candidate } from '../scan/index.js';

/**
 * Where a plugin runs: in a child process of its own, in one that all plugins with this name share, or in the host's own
 * process, whose fate it then shares.
 */
export type Isolation = 'process' | { readonly process: string } | 'in-process';

export interface IsolationOptions {
  /** For all plugins, or for each. Default `'process'`. */
  readonly isolation?: Isolation | ((candidate: Candidate) => Isolation);
  /** Of the children. */
  readonly processes?: ProcessOptions;
}

const ONE_OF = "'process', 'in-process' or { process: 'name' }";

/** Taken at its word, a mistyped `in-proces` would be a home too. @throws LoadError ERR_OPTIONS */
function readIsolation(value: unknown, where?: ErrorContext): Isolation {
  if (value === 'process' || value === 'in-process') return value;
  const name = typeof value === 'object' && value !== null && 'process' in value ? value.process : undefined;
  if (typeof name !== 'string' || name === '') throw optionError('isolation', ONE_OF, value, where);
  return { process: name };
}

/** Loads each plugin into the home that the host chose for it. */
export class IsolatingLoader {
  readonly #inProcess: DynamicPluginLoader;
  readonly #processes: ProcessLoader;
  readonly #isolation: Isolation | ((candidate: Candidate) => unknown);

  /** @throws LoadError ERR_VERSION_COMPATIBILITY, ERR_OPTIONS, ERR_TRUST_OPTIONS: the host's own mistakes */
  constructor(options: DynamicPluginLoaderOptions & IsolationOptions, keepAway: KeepAway) {
    this.#inProcess = new DynamicPluginLoader(options);
    this.#processes = new ProcessLoader({ ...options.processes, ...options }, keepAway);
    const { isolation = 'process' } = options;
    this.#isolation = typeof isolation === 'function' ? isolation : readIsolation(isolation);
  }

  /** @throws LoadError ERR_OPTIONS where the host's function does not say where the plugin is to run */
  isolationOf(candidate: Candidate): Isolation {
    if (typeof this.#isolation !== 'function') return this.#isolation;
    const where = { pluginId: candidate.id, path: candidate.path };
    try {
      return readIsolation(this.#isolation(candidate), where);
    } catch (cause) {
      if (cause instanceof LoadError) throw cause;
      throw new LoadError('ERR_OPTIONS', { option: 'isolation', expected: ONE_OF, found: `an error: ${messageOf(cause)}` }, { ...where, cause });
    }
  }

  /** @throws LoadError; LifecycleError ERR_LIFECYCLE_CRASHED, ERR_LIFECYCLE_TIMEOUT where it runs in a child */
  loadPlugin(candidate: Candidate, isolation: Isolation, request: LoadRequest): Promise<Plugin> {
    if (isolation === 'in-process') return this.#inProcess.loadPlugin(candidate, request);
    const name = isolation === 'process' ? undefined : isolation.process;
    return this.#processes.loadPlugin(candidate, request, name);
  }

  discover(): ReturnType<DynamicPluginLoader['discover']> {
    return this.#inProcess.discover();
  }
}
