import { asPluginError, type PluginError } from '../errors/index.js';
import { koffiSettingsProblem } from '../library/index.js';
import { guardedLogger } from '../log/guarded-logger.js';
import { silentLogger, type Logger } from '../log/logger.js';
import { absolutePath } from '../options/folders.js';
import type { Plugin } from '../plugin/plugin.js';
import { ManifestCache, defaultPluginDirs, discover, requireCandidate, type Candidate, type Discovery } from '../scan/index.js';
import { Trace, type TraceEntry } from '../report/trace.js';
import { readTrustOptions, type TrustOptions } from '../trust/index.js';
import { examine } from './examine.js';
import { fillMaxPayload, fillTimeouts } from './load-limits.js';
import { optionError } from '../options/option-error.js';
import { readLoaderOptions } from './loader-options.js';
import { loadPlugin, type LoadOptions, type LoadRequest } from './load-plugin.js';
import type { LoadTimeouts } from '../plugin/lifecycle-table.js';
import { openedHere, type OpenedLibrary } from './opened-libraries.js';
import type { PreviousLibrary } from '../report/plugin-report.js';
import { tracedLoad } from './traced-load.js';
import { expectedEnd, lostLibrary, unloadPlugin } from './unload-plugin.js';

export interface DynamicPluginLoaderOptions {
  /** Folders that contain plugin folders; the first one with a given id wins. Default: `defaultPluginDirs()`. */
  readonly pluginDirs?: readonly string[];
  /** The host's version in strict SemVer, checked against each manifest's `[compatibility]`. */
  readonly hostVersion: string;
  readonly logger?: Logger;
  /** Deadline for each lifecycle step, in milliseconds; Infinity: none. Default 10 000 each. */
  readonly timeouts?: Partial<LoadTimeouts>;
  /** Maximum size of one input, chunk or reply. Default 128 MiB. */
  readonly maxPayloadBytes?: number;
  /** Which plugins may be loaded. Default: those that only this user and root can replace. */
  readonly trust?: TrustOptions;
  /** The versions that are wanted, as SemVer ranges by plugin id: a plugin of another version is refused. Default: any. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Folder that caches what triage found, so that unchanged libraries are not read again. Created if missing; must belong to this user. Default: none. */
  readonly cacheDir?: string;
}

/** A plugin that was found but refused, and why. */
export interface RefusedPlugin {
  /** Present if the manifest could be read that far. */
  readonly id?: string;
  readonly path: string;
  readonly error: PluginError;
}

/** Where loaded plugins go: a `PluginRegistry`, or anything that registers. */
export interface PluginSink {
  register(plugin: Plugin): Promise<void>;
}

export interface LoadAllResult {
  /** Registered, in the order of the scan. */
  readonly loaded: readonly Plugin[];
  readonly refused: readonly RefusedPlugin[];
}

/** Finds plugins and loads them into this process. */
export class DynamicPluginLoader {
  readonly #pluginDirs: readonly string[];
  readonly #options: LoadOptions;
  readonly #manifests = new ManifestCache();

  /** @throws LoadError ERR_VERSION_COMPATIBILITY if `hostVersion` is not strict SemVer; ERR_OPTIONS; ERR_TRUST_OPTIONS. */
  constructor(given: DynamicPluginLoaderOptions) {
    const options = readLoaderOptions(given);
    this.#pluginDirs = options.pluginDirs ?? defaultPluginDirs().map(absolutePath);
    this.#options = {
      hostVersion: options.hostVersion,
      logger: guardedLogger(options.logger ?? silentLogger),
      timeouts: fillTimeouts(options.timeouts),
      maxPayloadBytes: fillMaxPayload(options.maxPayloadBytes),
      trust: readTrustOptions(options.trust),
      versions: options.versions,
      cacheDir: options.cacheDir,
    };
    if (koffiSettingsProblem !== undefined) this.#options.logger.warn(koffiSettingsProblem);
  }

  /** Returns candidates in a stable order, and refusals. Reads files and runs no plugin code; a broken plugin never makes it throw. */
  discover(): Promise<Discovery> {
    const { hostVersion, logger } = this.#options;
    return discover({ pluginDirs: this.#pluginDirs, hostVersion, logger }, this.#manifests);
  }

  /**
   * Opens a candidate's library and wraps the plugin that it creates. None of its code runs before every check that needs
   * no code has passed. @throws LoadError
   */
  loadPlugin(candidate: Candidate, request?: LoadRequest): Promise<Plugin> {
    return tracedLoad(candidate, () => loadPlugin(candidate, this.#options, request));
  }

  /** How many libraries of a plugin are mapped in this process. @internal */
  countMapped(id: string): number {
    return this.#mapped(id).length;
  }

  /** Why the libraries of earlier generations of a plugin are still mapped. @internal */
  keptBecause(id: string): readonly string[] {
    return this.#mapped(id).flatMap(({ keptBecause }) => keptBecause ?? []);
  }

  /** The path of a plugin's library, if that was overwritten, so that nothing of it can be called any more. @internal */
  lostLibrary(plugin: Plugin): string | undefined {
    return lostLibrary(plugin);
  }

  /** What will become of the library of a plugin that is replaced, as far as this is known. @internal */
  expectedEnd(plugin: Plugin): PreviousLibrary | undefined {
    return expectedEnd(plugin);
  }

  /** Unmaps the library of a plugin that has ended, if that is safe. Never rejects. @internal */
  unload(plugin: Plugin): Promise<PreviousLibrary | undefined> {
    return unloadPlugin(plugin, this.#options.timeouts.shutdown);
  }

  #mapped(id: string): readonly OpenedLibrary[] {
    return openedHere.libraries.filter(({ pluginId, host }) => pluginId === id && host === this.#options);
  }

  /** Runs the checks that need none of the candidate's code, in order, up to the first refusal. */
  async explain(candidate: Candidate): Promise<readonly TraceEntry[]> {
    requireCandidate(candidate);
    const trace = new Trace();
    // The refusal is in the trace.
    await examine(candidate, this.#options, trace).catch(() => undefined);
    return trace.entries;
  }

  /**
   * Discovers, loads and registers. A plugin that fails is in `refused`, with the reason; the others continue.
   * @throws LoadError ERR_OPTIONS before anything is loaded, if `registry` is none
   */
  async loadAll(registry: PluginSink): Promise<LoadAllResult> {
    if (typeof (registry as Partial<PluginSink> | null | undefined)?.register !== 'function') throw optionError('registry', 'a PluginRegistry', registry);
    const { candidates, refused } = await this.discover();
    const result = { loaded: [] as Plugin[], refused: [...refused] as RefusedPlugin[] };
    for (const candidate of candidates) {
      try {
        result.loaded.push(await this.#loadInto(registry, candidate));
      } catch (error) {
        const { id, path } = candidate;
        result.refused.push({ id, path, error: asPluginError(error, { pluginId: id, path }) });
      }
    }
    return result;
  }

  async #loadInto(registry: PluginSink, candidate: Candidate): Promise<Plugin> {
    const plugin = await this.loadPlugin(candidate);
    await registry.register(plugin);
    return plugin;
  }
}
