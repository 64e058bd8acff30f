import { PluginError, type Step } from '../errors/index.js';
import type { Plugin } from '../plugin/plugin.js';
import type { PluginReport, PluginState } from '../report/plugin-report.js';
import { Trace } from '../report/trace.js';
import type { Candidate } from '../scan/index.js';
import type { ConfigReader } from './plugin-config.js';

const STEP_OF: Record<PluginState, Step> = {
  discovered: 'manifest',
  refused: 'manifest',
  loaded: 'create',
  registered: 'register',
  active: 'active',
  failed: 'active',
  disabled: 'manifest',
  retired: 'retired',
};

/** One plugin that a host knows of, from discovery to retirement, with the record of its way. */
export class ManagedPlugin {
  trace = new Trace();
  plugin: Plugin | undefined;
  /** Set when its configuration was read; `reconfigure` uses it again. */
  readConfig: ConfigReader | undefined;
  missing: readonly string[] = [];
  #state: PluginState = 'discovered';
  #error: unknown;

  constructor(
    readonly id: string | undefined,
    readonly path: string | undefined,
    /** Absent for one that was refused by the scan, and for one of the host's own. */
    readonly candidate: Candidate | undefined,
    private readonly onChange: (plugin: ManagedPlugin) => void,
  ) {}

  get state(): PluginState {
    return this.#state;
  }

  get error(): unknown {
    return this.#error;
  }

  become(state: Exclude<PluginState, 'refused' | 'failed'>): void {
    this.#error = undefined;
    this.#set(state);
  }

  /** Ends its way. Before anything of it ran that is a refusal, afterwards a failure. */
  fail(error: unknown): void {
    this.#error = error;
    const early = this.#state === 'discovered';
    this.#set(early ? 'refused' : 'failed');
  }

  /** Starts over, as at a retry. */
  restart(): void {
    this.trace = new Trace();
    this.plugin = undefined;
    this.missing = [];
    this.become('discovered');
  }

  #set(state: PluginState): void {
    this.#state = state;
    this.onChange(this);
  }

  report(): PluginReport {
    const error = this.#error instanceof PluginError ? this.#error : undefined;
    const { id, path, plugin, candidate } = this;
    const meta = plugin?.meta ?? candidate?.manifest.plugin;
    return {
      ...(id !== undefined && { id }),
      ...(path !== undefined && { path }),
      ...(meta !== undefined && { name: meta.name, version: meta.version }),
      state: this.#state,
      step: error?.step ?? STEP_OF[this.#state],
      ...(error !== undefined && { code: error.code, message: error.message, hint: error.hint }),
      missing: this.missing,
      timings: this.#timings(),
      trace: [...this.trace.entries],
      events: [...(plugin?.events ?? [])],
    };
  }

  #timings(): PluginReport['timings'] {
    const timings: Partial<Record<Step, number>> = {};
    for (const { step, durationMs } of this.trace.entries) timings[step] = (timings[step] ?? 0) + durationMs;
    return timings;
  }
}
