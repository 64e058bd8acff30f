import * as z from 'zod';
import { LoadError, messageOf, type ErrorContext } from '../errors/index.js';
import { PROCESS_LOADER_SHAPE, ProcessLoader } from '../isolation/proxy/process-loader.js';
import type { BeforeGiveUp, ProcessOptions } from '../isolation/supervisor/process-options.js';
import { DynamicPluginLoader, type DynamicPluginLoaderOptions } from '../loader/dynamic-plugin-loader.js';
import type { LoadRequest } from '../loader/load-plugin.js';
import { pick } from '../options/group.js';
import { isOptionsObject } from '../options/options-object.js';
import { optionError } from '../options/option-error.js';
import type { Plugin } from '../plugin/plugin.js';
import type { Isolation, PreviousLibrary } from '../report/plugin-report.js';
import type { SandboxStart } from '../report/child-sandbox.js';
import type { Candidate } from '../scan/index.js';

/** The libraries of earlier generations in this process. A type of its own, because the loader's methods are not in its declaration. */
export interface EarlierLibraries {
  countMapped(id: string): number;
  keptBecause(id: string): readonly string[];
  /** The path of its library, if that was overwritten while it was mapped. */
  lostLibrary(plugin: Plugin): string | undefined;
  expectedEnd(plugin: Plugin): PreviousLibrary | undefined;
  unload(plugin: Plugin): Promise<PreviousLibrary | undefined>;
}

export interface IsolationOptions {
  /** For all plugins, or a function that returns it for each. Default `'process'`. */
  readonly isolation?: Isolation | ((candidate: Candidate) => Isolation);
  /** Options of the child processes. */
  readonly processes?: ProcessOptions;
}

const ONE_OF = "'process', 'in-process' or { process: 'name' }";

/** The isolation that `value` describes, read once; `undefined` if it does not describe one. */
function isolationIn(value: unknown): Isolation | undefined {
  if (value === 'process' || value === 'in-process') return value;
  if (!isOptionsObject(value) || Object.keys(value).some((key) => key !== 'process')) return undefined;
  const { process: name } = value;
  return typeof name === 'string' && name !== '' ? { process: name } : undefined;
}

/** @throws LoadError ERR_OPTIONS */
function readIsolation(value: unknown, where: ErrorContext): Isolation {
  const isolation = isolationIn(value);
  if (isolation === undefined) throw optionError('isolation', ONE_OF, value, where);
  return isolation;
}

/** An isolation, or a function of the host, whose results are checked later. */
export const isolationOption: z.ZodType<NonNullable<IsolationOptions['isolation']>> = z.unknown().transform((value, context) => {
  const isolation = typeof value === 'function' ? (value as (candidate: Candidate) => Isolation) : isolationIn(value);
  if (isolation !== undefined) return isolation;
  context.issues.push({ code: 'custom', message: ONE_OF, input: value });
  return z.NEVER;
});

/** Loads each plugin where the host wants it: in this process or in a child. */
export class IsolatingLoader {
  readonly #inProcess: DynamicPluginLoader;
  readonly #processes: ProcessLoader;
  readonly #isolation: Isolation | ((candidate: Candidate) => unknown);

  /** All options have been checked. */
  constructor(options: DynamicPluginLoaderOptions, { isolation = 'process', processes }: IsolationOptions, beforeGiveUp: BeforeGiveUp) {
    this.#inProcess = new DynamicPluginLoader(options);
    this.#processes = new ProcessLoader(pick(PROCESS_LOADER_SHAPE, { ...processes, ...options }), beforeGiveUp);
    this.#isolation = isolation;
  }

  /** @throws LoadError ERR_OPTIONS if the host's function throws or returns an invalid value */
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

  /** Those that share the process with this name. A function of the host that fails is reported when the plugin is loaded. */
  sharing(name: string, candidates: readonly Candidate[]): readonly Candidate[] {
    return candidates.filter((candidate) => {
      try {
        const isolation = this.isolationOf(candidate);
        return typeof isolation === 'object' && isolation.process === name;
      } catch {
        return false;
      }
    });
  }

  /** @throws LoadError; LifecycleError ERR_LIFECYCLE_CRASHED, ERR_LIFECYCLE_TIMEOUT if it runs in a child */
  loadPlugin(candidate: Candidate, isolation: Isolation, request: LoadRequest): Promise<Plugin> {
    if (isolation === 'in-process') return this.#inProcess.loadPlugin(candidate, request);
    const name = isolation === 'process' ? undefined : isolation.process;
    return this.#processes.loadPlugin(candidate, request, name);
  }

  /** Starts a process for each of these plugins, while their files are still read. */
  startAhead(starts: readonly SandboxStart[]): void {
    this.#processes.startAhead(starts);
  }

  /** Ends those that no plugin took. */
  endUnused(): Promise<void> {
    return this.#processes.endUnused();
  }

  /** The libraries that were opened in this process. */
  get libraries(): EarlierLibraries {
    return this.#inProcess;
  }

  discover(): ReturnType<DynamicPluginLoader['discover']> {
    return this.#inProcess.discover();
  }
}
