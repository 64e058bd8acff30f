import { dirname } from 'node:path';
import { LoadError } from '../errors/index.js';
import type { Plugin } from '../plugin/plugin.js';
import type { Candidate, Discovery, Refusal } from '../scan/index.js';
import { ManagedPlugin, type Origin } from './managed-plugin.js';

export interface RosterOptions {
  readonly isDisabled: (id: string) => boolean;
  /** The generations of a plugin that are not current. */
  readonly othersOf: (id: string) => readonly ManagedPlugin[];
  /** Why libraries of a plugin's earlier generations are still mapped in this process. */
  readonly keptBecause: (id: string) => readonly string[];
  readonly onChange: (plugin: ManagedPlugin) => void;
}

/** Every plugin known to a host: the host's own first, then the others in the order in which they were found. */
export class Roster {
  #plugins: ManagedPlugin[] = [];

  constructor(private readonly options: RosterOptions) {}

  get plugins(): readonly ManagedPlugin[] {
    return this.#plugins;
  }

  /** Those that can be loaded, also when they are disabled. */
  get candidates(): readonly Candidate[] {
    return this.#plugins.flatMap(({ candidate }) => candidate ?? []);
  }

  /** Prefers a plugin that can be loaded to a refused folder with the same id. */
  find(id: string): ManagedPlugin | undefined {
    const known = this.#plugins.filter((plugin) => plugin.id === id);
    return known.find(({ own, candidate }) => own !== undefined || candidate !== undefined) ?? known[0];
  }

  /** Adds a plugin object of the host's, or replaces its entry when it is enabled again. */
  adoptOwn(own: Plugin): ManagedPlugin {
    const plugin = this.#put({ own }, this.#plugins.find((known) => known.own === own));
    if (this.options.isDisabled(own.id)) plugin.applyDecision('disable');
    return plugin;
  }

  /**
   * Takes over the result of a scan: for all plugins or, with `id`, only for that plugin, which is then retried. Active
   * plugins stay as they are. Returns the plugins to load, in order.
   */
  adopt(found: Discovery, id?: string): readonly ManagedPlugin[] {
    const isMeant = (some: { readonly id?: string | undefined }): boolean => id === undefined || some.id === id;
    const refused = found.refused.filter(isMeant);
    this.#plugins = this.#plugins.filter((plugin) => !isMeant(plugin) || !isSuperseded(plugin, refused));
    const adopted = found.candidates.filter(isMeant).map((candidate) => this.#adoptCandidate(candidate, id !== undefined));
    for (const refusal of refused) this.#adoptRefusal(refusal);
    return adopted.filter((plugin) => plugin.lifecycle.allows('load'));
  }

  /** The next generation of a plugin that is up. It is not in the list until `replace`. */
  next(candidate: Candidate): ManagedPlugin {
    const plugin = this.#make({ candidate });
    plugin.role = 'next';
    this.options.onChange(plugin);
    return plugin;
  }

  /** Puts a generation in the place of the current one. */
  replace(current: ManagedPlugin, by: ManagedPlugin): void {
    this.#plugins = this.#plugins.map((plugin) => (plugin === current ? by : plugin));
  }

  /** Whether the plugin's folder no longer exists. A folder that cannot be read does not count as gone. */
  isGone({ candidate, id, path = '' }: ManagedPlugin, { candidates, refused }: Discovery): boolean {
    return (
      candidate !== undefined &&
      !candidates.some((found) => found.id === id && found.path === path) &&
      !refused.some((refusal) => refusal.path === path || refusal.path === dirname(path))
    );
  }

  #adoptCandidate(candidate: Candidate, isRetry: boolean): ManagedPlugin {
    const { id, path } = candidate;
    const known = this.#plugins.find((plugin) => plugin.candidate !== undefined && plugin.id === id);
    if (known !== undefined && this.#stays(known, isRetry)) return known;
    const plugin = this.#put({ candidate }, known);
    if (this.#plugins.some(({ own }) => own?.id === id)) {
      this.#refuse(plugin, new LoadError('ERR_DUPLICATE_ID', { winner: "the host's own plugin" }, { pluginId: id, path }));
    } else if (this.options.isDisabled(id)) plugin.applyDecision('disable');
    return plugin;
  }

  #stays(known: ManagedPlugin, isRetry: boolean): boolean {
    const { id = '', state } = known;
    if (known.isUp) return true;
    if (state === 'disabled') return this.options.isDisabled(id);
    // A plugin that hung still occupies a thread: do not lose another one on every scan.
    return state !== 'retired' && known.hasRun && !isRetry;
  }

  #adoptRefusal({ id, path, error }: Refusal): void {
    const isKnown = (plugin: ManagedPlugin): boolean => isRefusal(plugin) && plugin.path === path;
    // Do not report the same refusal again.
    if (!this.#plugins.some(isKnown)) this.#refuse(this.#put({ id, path }), error);
  }

  #refuse(plugin: ManagedPlugin, error: LoadError): void {
    plugin.trace.refuse(error.step, 'the scan', error);
    plugin.fail(error);
  }

  #put(origin: Origin, inPlaceOf?: ManagedPlugin): ManagedPlugin {
    const plugin = this.#make(origin);
    if (inPlaceOf === undefined) this.#plugins.push(plugin);
    else this.#plugins[this.#plugins.indexOf(inPlaceOf)] = plugin;
    this.options.onChange(plugin);
    return plugin;
  }

  #make(origin: Origin): ManagedPlugin {
    const plugin = new ManagedPlugin(origin, this.options.onChange);
    const { id } = plugin;
    if (id !== undefined) {
      plugin.others = () => this.options.othersOf(id);
      plugin.keptBecause = () => this.options.keptBecause(id);
    }
    return plugin;
  }
}

const isRefusal = ({ own, candidate }: ManagedPlugin): boolean => own === undefined && candidate === undefined;

/** A refusal stays until a scan finds something else; a refusal replaces the inactive plugin of the same folder. */
function isSuperseded(plugin: ManagedPlugin, refused: readonly Refusal[]): boolean {
  const here = refused.find(({ path }) => path === plugin.path);
  if (isRefusal(plugin)) return here?.error.message !== (plugin.error as Error).message;
  return plugin.candidate !== undefined && !plugin.isUp && here !== undefined;
}
