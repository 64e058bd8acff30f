import { LoadError, asPluginError } from '../../errors/index.js';
import type { Logger } from '../../log/logger.js';
import type { Plugin } from '../../plugin/plugin.js';
import type { Replacement } from '../../registry/replacement.js';
import type { Candidate, Discovery, PluginFiles } from '../../scan/index.js';
import type { EarlierLibraries } from '../isolation.js';
import type { ManagedPlugin } from '../managed-plugin.js';
import type { PluginSteps } from '../plugin-steps.js';
import type { Roster } from '../roster.js';
import type { Safeguard } from '../safeguard.js';
import { abandonIfLost } from './abandon-if-lost.js';
import { handOver } from './hand-over.js';
import { PreviousGeneration } from './previous-generation.js';
import { recordUnused } from './record-unused.js';
import { requireAccepted, updateDiff } from './update-diff.js';
import { requireAllCapabilities, requireFewKept } from './update-rules.js';
import type { UpdateOptions, UpdateResult } from './update-result.js';
import type { UpdateSettings } from './update-settings.js';

export interface PluginUpdatesOptions {
  readonly settings: UpdateSettings;
  readonly steps: PluginSteps;
  readonly roster: Roster;
  readonly safeguard: Safeguard | undefined;
  readonly libraries: EarlierLibraries;
  readonly discover: () => Promise<Discovery>;
  readonly logger: Logger;
  /** Whether the host loads only plugins that are locked. */
  readonly mustBeLocked: boolean;
}

/** Replaces plugins that run by the next generation, from the present contents of their folders. */
export class PluginUpdates {
  /** The next generation that is being started. */
  #starting: ManagedPlugin | undefined;
  readonly #previous = new Set<PreviousGeneration>();
  /** By plugin id: files that crashed or hung soon after they had taken over. */
  readonly #rolledBack = new Map<string, PluginFiles>();

  constructor(private readonly options: PluginUpdatesOptions) {}

  /** The next generation, if this is its plugin. */
  startingWith(plugin: Plugin): ManagedPlugin | undefined {
    return this.#starting?.plugin === plugin ? this.#starting : undefined;
  }

  /** The generations of a plugin that are up and not current. */
  othersOf(id: string): readonly ManagedPlugin[] {
    const { candidate } = this.#starting ?? {};
    return [...(this.#starting !== undefined && candidate?.id === id ? [this.#starting] : []), ...this.#previousOf(id).map(({ managed }) => managed)];
  }

  /** Updates a plugin that is up. If the new files do not start, the generation that runs stays. */
  async update(current: ManagedPlugin, options: UpdateOptions): Promise<UpdateResult> {
    const { id = '' } = current;
    if (current.files?.haveChanged !== true) return { outcome: 'unchanged', id };
    const isLost = await abandonIfLost(current, this.options);
    let next: ManagedPlugin | undefined;
    try {
      const candidate = this.#candidateIn(await this.options.discover(), current);
      this.#requireNotRolledBack(current);
      await this.#requireAccepted(current, candidate);
      await this.#giveUpOthers(current);
      next = this.#starting = this.options.roster.next(candidate);
      return await this.#replace(current, next, options);
    } catch (thrown) {
      const error = asPluginError(thrown, { pluginId: id, path: current.path });
      next?.fail(error);
      if (next?.plugin !== undefined) await this.options.libraries.unload(next.plugin);
      recordUnused(current, { outcome: 'kept', error, version: next?.candidate?.manifest.plugin.version }, this.options.logger);
      return { outcome: isLost ? 'refused' : 'kept', id, error };
    } finally {
      this.#starting = undefined;
    }
  }

  /** Ends the generations of a plugin that are not current. */
  async endOthers(id: string): Promise<void> {
    await Promise.all(this.#previousOf(id).map((previous) => previous.end()));
  }

  /** Ends the probation of the current generation. */
  endProbation(id: string): void {
    for (const previous of this.#previousOf(id)) void previous.giveUp();
  }

  /** Discards the older of two generations. In this process it ends first, so that its library counts no longer, if it is unmapped. */
  async #giveUpOthers({ id = '' }: ManagedPlugin): Promise<void> {
    const ending = this.#previousOf(id).map((previous) => [previous, previous.giveUp()] as const);
    await Promise.all(ending.flatMap(([{ managed }, end]) => (managed.isolation === 'in-process' ? [end] : [])));
  }

  /** A generation that crashes or hangs during its probation is rolled back; one that was replaced is ended. */
  onChange(managed: ManagedPlugin): void {
    if (managed.state !== 'quarantined' && managed.state !== 'failed') return;
    for (const previous of [...this.#previous]) {
      if (previous.managed === managed && managed.role !== undefined) void previous.end();
      if (previous.successor === managed && previous.isStandby) this.#rollBack(previous, managed);
    }
  }

  async #replace(current: ManagedPlugin, next: ManagedPlugin, options: UpdateOptions): Promise<UpdateResult> {
    const { settings, steps, libraries } = this.options;
    const { allowFewer = settings.allowFewer, discardState = false } = options;
    let stateBytes: number | undefined;
    const replacement = await steps.startNext(next, {
      beforeLoad: () => requireFewKept(next, libraries, settings.maxKept),
      check: async (registered) => {
        if (!allowFewer) requireAllCapabilities(next, registered);
        if (!discardState) stateBytes = await handOver(current, next, registered);
      },
    });
    const result = this.#switched(current, next, replacement);
    return stateBytes === undefined ? result : { ...result, stateBytes };
  }

  #switched(current: ManagedPlugin, next: ManagedPlugin, replacement: Replacement): Extract<UpdateResult, { outcome: 'updated' }> {
    const { settings, roster, logger } = this.options;
    const { id = '' } = current;
    // In a shared child both end, and only files that do not change can be started again.
    const canRollBack = current.state === 'active' && (typeof current.isolation !== 'object' || current.hasOwnCopy);
    const previous = new PreviousGeneration(current, next, replacement, {
      drainMs: settings.drainMs,
      probationMs: canRollBack ? settings.probationMs : 0,
      graceMs: settings.graceMs,
      logger,
      unload: (ended) => this.#unload(ended, next),
      onEnd: (ended) => this.#previous.delete(ended),
    });
    this.#previous.add(previous);
    next.role = undefined;
    roster.replace(current, next);
    this.#rolledBack.delete(id);
    previous.begin();
    const previousLibrary = current.plugin && this.options.libraries.expectedEnd(current.plugin);
    const result = { outcome: 'updated', id, ...loadedVersion(next), replaced: loadedVersion(current), ...(previousLibrary && { previousLibrary }) } as const;
    next.lastUpdate = { at: Date.now(), outcome: 'updated', version: result.version, ...(previousLibrary && { previousLibrary }) };
    next.announce(); // which rolls it back if it has crashed since
    return result;
  }

  /** Unmaps the library of a generation that has ended, if that is safe, and records what came of it. */
  async #unload(previous: ManagedPlugin, successor: ManagedPlugin): Promise<void> {
    const { plugin } = previous;
    if (plugin === undefined) return;
    const previousLibrary = await previous.watch('shutdown', () => this.options.libraries.unload(plugin));
    if (previousLibrary !== undefined && previous !== successor && successor.lastUpdate !== undefined) successor.lastUpdate = { ...successor.lastUpdate, previousLibrary };
  }

  #rollBack(previous: PreviousGeneration, crashed: ManagedPlugin): void {
    const { managed } = previous;
    const { error, files } = crashed;
    const { id = '' } = managed;
    if (previous.isSuccessorBlamed) {
      if (files !== undefined) this.#rolledBack.set(id, files);
      this.options.safeguard?.quarantine(crashed);
    }
    // A later crash of the one that is back does not count for what the other one did.
    if (managed.admitted !== undefined) managed.admitted = { ...managed.admitted, since: Date.now() };
    crashed.role = 'rolled back';
    this.options.roster.replace(crashed, managed);
    previous.takeOver();
    recordUnused(managed, { outcome: 'rolled back', error, version: crashed.candidate?.manifest.plugin.version }, this.options.logger);
    managed.announce();
  }

  #candidateIn({ candidates, refused }: Discovery, { id, path }: ManagedPlugin): Candidate {
    const candidate = candidates.find((found) => found.id === id);
    if (candidate !== undefined) return candidate;
    const refusal = refused.find((found) => found.id === id || found.path === path);
    if (refusal !== undefined) throw refusal.error;
    throw new LoadError('ERR_UPDATE_REFUSED', { reason: 'its folder is gone, or contains another plugin' }, { pluginId: id, path });
  }

  async #requireAccepted({ candidate: running }: ManagedPlugin, candidate: Candidate): Promise<void> {
    const { settings, mustBeLocked } = this.options;
    if (running !== undefined) await requireAccepted(updateDiff(running, candidate), settings.onUpdate, mustBeLocked);
  }

  #requireNotRolledBack({ id = '', path }: ManagedPlugin): void {
    if (this.#rolledBack.get(id)?.haveChanged !== false) return;
    throw new LoadError('ERR_UPDATE_REFUSED', { reason: 'these files crashed or hung soon after they had taken over, and were rolled back' }, { pluginId: id, path });
  }

  #previousOf(id: string): readonly PreviousGeneration[] {
    return [...this.#previous].filter(({ managed }) => managed.id === id);
  }
}

const loadedVersion = ({ plugin, generation }: ManagedPlugin): { readonly version: string; readonly generation: number } => ({ version: plugin?.meta.version ?? '', generation });
