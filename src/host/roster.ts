import { dirname } from 'node:path';
import { LoadError } from '../errors/index.js';
import type { Plugin } from '../plugin/plugin.js';
import type { Candidate, Discovery, Refusal } from '../scan/index.js';
import { ManagedPlugin, type Origin } from './managed-plugin.js';

export interface RosterOptions {
  readonly isDisabled: (id: string) => boolean;
  readonly onChange: (plugin: ManagedPlugin) => void;
}

/** Every plugin that a host knows of: its own first, then in the order in which they were found. */
export class Roster {
  #plugins: ManagedPlugin[] = [];

  constructor(private readonly options: RosterOptions) {}

  get plugins(): readonly ManagedPlugin[] {
    return this.#plugins;
  }

  /** One that can be loaded comes before a folder that was refused with the same id. */
  find(id: string): ManagedPlugin | undefined {
    const known = this.#plugins.filter((plugin) => plugin.id === id);
    return known.find(({ own, candidate }) => own !== undefined || candidate !== undefined) ?? known[0];
  }

  /** A plugin of the host's own, at its start or once more. */
  adoptOwn(own: Plugin): ManagedPlugin {
    const plugin = this.#put({ own }, this.#plugins.find((known) => known.own === own));
    if (this.options.isDisabled(own.id)) plugin.become('disable');
    return plugin;
  }

  /**
   * Takes in what a scan found: of all plugins, or of the one with this id, which is to be tried again. What is active
   * stays as it is. Returns those to load, in order.
   */
  adopt(found: Discovery, id?: string): readonly ManagedPlugin[] {
    const isMeant = (some: { readonly id?: string | undefined }): boolean => id === undefined || some.id === id;
    const refused = found.refused.filter(isMeant);
    this.#plugins = this.#plugins.filter((plugin) => !isMeant(plugin) || !isSuperseded(plugin, refused));
    const adopted = found.candidates.filter(isMeant).map((candidate) => this.#adoptCandidate(candidate, id !== undefined));
    for (const refusal of refused) this.#adoptRefusal(refusal);
    return adopted.filter((plugin) => plugin.state === 'discovered');
  }

  /** Of a folder that is not there any more. One that cannot be looked at now is not gone. */
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
    } else if (this.options.isDisabled(id)) plugin.become('disable');
    return plugin;
  }

  #stays(known: ManagedPlugin, isRetry: boolean): boolean {
    const { id = '', state } = known;
    if (known.isUp) return true;
    if (state === 'disabled') return this.options.isDisabled(id);
    // What hung in its code hangs there still, on one of few threads: not once more with every scan.
    return state !== 'retired' && known.hasRun && !isRetry;
  }

  #adoptRefusal({ id, path, error }: Refusal): void {
    const isKnown = (plugin: ManagedPlugin): boolean => isRefusal(plugin) && plugin.path === path;
    // The same refusal again is no news.
    if (!this.#plugins.some(isKnown)) this.#refuse(this.#put({ id, path }), error);
  }

  #refuse(plugin: ManagedPlugin, error: LoadError): void {
    plugin.trace.refuse(error.step, 'the scan', error);
    plugin.fail(error);
  }

  #put(origin: Origin, inPlaceOf?: ManagedPlugin): ManagedPlugin {
    const plugin = new ManagedPlugin(origin, this.options.onChange);
    if (inPlaceOf === undefined) this.#plugins.push(plugin);
    else this.#plugins[this.#plugins.indexOf(inPlaceOf)] = plugin;
    this.options.onChange(plugin);
    return plugin;
  }
}

const isRefusal = ({ own, candidate }: ManagedPlugin): boolean => own === undefined && candidate === undefined;

/** A refusal lasts until a scan says otherwise; what is not active gives way to the refusal of its folder. */
function isSuperseded(plugin: ManagedPlugin, refused: readonly Refusal[]): boolean {
  const here = refused.find(({ path }) => path === plugin.path);
  if (isRefusal(plugin)) return here?.error.message !== (plugin.error as Error).message;
  return plugin.candidate !== undefined && !plugin.isUp && here !== undefined;
}
