import { ProcessLoader } from '../isolation/process-loader.js';
import type { KeepAway, ProcessOptions } from '../isolation/process-options.js';
import { DynamicPluginLoader, type DynamicPluginLoaderOptions } from '../loader/dynamic-plugin-loader.js';
import type { LoadRequest } from '../loader/load-plugin.js';
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

/** Loads each plugin into the home that the host chose for it. */
export class IsolatingLoader {
  readonly #inProcess: DynamicPluginLoader;
  readonly #processes: ProcessLoader;
  readonly #isolation: NonNullable<IsolationOptions['isolation']>;

  /** @throws LoadError ERR_VERSION_COMPATIBILITY, ERR_TRUST_OPTIONS: the host's own mistakes */
  constructor(options: DynamicPluginLoaderOptions & IsolationOptions, keepAway: KeepAway) {
    this.#inProcess = new DynamicPluginLoader(options);
    this.#processes = new ProcessLoader({ ...options.processes, ...options }, keepAway);
    this.#isolation = options.isolation ?? 'process';
  }

  isolationOf(candidate: Candidate): Isolation {
    return typeof this.#isolation === 'function' ? this.#isolation(candidate) : this.#isolation;
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
