import { LoadError, asPluginError, type PluginError, type Step } from '../errors/index.js';
import { keepAlive } from '../options/keep-alive.js';
import { Lifecycle } from '../plugin/lifecycle.js';
import type { Plugin } from '../plugin/plugin.js';
import type { AttributedEnd } from '../errors/index.js';
import type { OverdueCall } from '../native/abandoned-calls.js';
import type { GenerationRole, Isolation, PluginReport, ShownState, UpdateRecord } from '../report/plugin-report.js';
import { SerialQueue } from '../registry/serial-queue.js';
import { Trace, warningsIn, type Watch } from '../report/trace.js';
import type { Admitted } from './safeguard.js';
import type { Candidate, PluginFiles } from '../scan/index.js';
import { anyConfig, type ConfigReader } from './plugin-config.js';
import type { PluginSandbox } from './sandbox/plugin-sandbox.js';

/** Where a plugin comes from: a candidate, the host itself, or a folder that the scan refused. */
export interface Origin {
  readonly id?: string | undefined;
  readonly path?: string;
  readonly candidate?: Candidate;
  /** A plugin object that the host passed in its options. */
  readonly own?: Plugin;
}

/** One plugin known to a host, from discovery to retirement, with its trace. */
export class ManagedPlugin {
  readonly id: string | undefined;
  readonly path: string | undefined;
  readonly candidate: Candidate | undefined;
  readonly own: Plugin | undefined;
  /** Reconfigurations run one at a time, even while they wait for a restart. */
  readonly reconfigurations = new SerialQueue();
  readonly trace = new Trace((step, run) => this.watch(step, run));
  /** Runs around each step: see Trace. */
  watch: Watch = (_step, run) => run();
  plugin: Plugin | undefined;
  /** Its files when they were loaded. */
  files: PluginFiles | undefined;
  /** Uses the plugin's schema once the plugin is loaded. */
  readConfig: ConfigReader;
  missing: readonly string[] = [];
  registered: readonly string[] = [];
  /** Where the host wants it. */
  isolation: Isolation | undefined;
  /** Counts the registrations of the plugin; 0 before its own. */
  generation = 0;
  /** Set unless it is the current generation of its plugin. */
  role: GenerationRole | undefined;
  /** The other generations of the plugin, if it is the current one. */
  others: () => readonly ManagedPlugin[] = () => [];
  /** Why libraries of its earlier generations are still mapped in this process. */
  keptBecause: () => readonly string[] = () => [];
  lastUpdate: UpdateRecord | undefined;
  /** Whether its child process is to be restarted after this end. */
  wantsRestart: (end: AttributedEnd) => boolean = () => true;
  /** An invocation in this process has passed its deadline in native code. */
  onOverdue: (call: OverdueCall) => void = () => undefined;
  /** It runs from a private copy. */
  hasOwnCopy = false;
  /** Its files as they were admitted. */
  admitted: Admitted | undefined;
  /** Absent if the host does not sandbox it. */
  sandbox: PluginSandbox | undefined;
  /** The plugin's state; `plugin` and the registry share this object. */
  readonly lifecycle = new Lifecycle();
  #waiting: (() => void)[] = [];
  #hasNoticedChange = false;

  constructor(
    readonly origin: Origin,
    private readonly onChange: (plugin: ManagedPlugin) => void,
  ) {
    const { candidate, own } = origin;
    this.id = candidate?.id ?? own?.id ?? origin.id;
    this.path = candidate?.path ?? origin.path;
    this.candidate = candidate;
    this.own = own;
    if (own !== undefined) this.isolation = 'in-process';
    this.readConfig = anyConfig(this.id ?? '?');
  }

  get state(): ShownState {
    return this.lifecycle.shown.shown;
  }

  get error(): PluginError | undefined {
    return this.lifecycle.failure;
  }

  /** Whether any of its code has run. That code may still be running, so only `enable` retries the plugin. */
  get hasRun(): boolean {
    const isOpen = this.trace.entries.some(({ step, decision }) => step === 'open' && decision === 'passed');
    return isOpen || (this.error instanceof LoadError && this.error.code === 'ERR_CREATE_FAILED');
  }

  /** Whether it was started and has not been ended, even if its process is crashed or restarting. */
  get isUp(): boolean {
    return this.lifecycle.isUp;
  }

  /** Removes the folders that were made for it alone. */
  async removeFolders(): Promise<void> {
    await this.sandbox?.end();
  }

  /** Reports a change of state. */
  announce(): void {
    for (const go of this.#waiting.splice(0)) go();
    this.onChange(this);
  }

  /** Waits until its process has been restarted. Keeps the host's process alive. */
  async whenRestarted(): Promise<void> {
    const release = keepAlive();
    while (this.state === 'restarting') await new Promise<void>((go) => this.#waiting.push(go));
    release();
  }

  /** Applies a decision of the host to a plugin that is not running. */
  applyDecision(decision: 'disable' | 'retire'): void {
    this.lifecycle.happen(decision);
    this.announce();
  }

  /** Records an error: a plugin that was not loaded is refused, one that was loaded has failed. */
  fail(thrown: unknown): void {
    this.lifecycle.fail(asPluginError(thrown, { pluginId: this.id, path: this.path, step: this.trace.entries.at(-1)?.step }));
    this.announce();
  }

  /** Whether its files have changed since they were loaded. */
  get filesChanged(): boolean {
    return this.isUp && this.files?.haveChanged === true;
  }

  /** True the first time that it is called while `filesChanged` is true, so that the change is logged once. */
  noticeChangedFiles(): boolean {
    if (this.#hasNoticedChange || !this.filesChanged) return false;
    return (this.#hasNoticedChange = true);
  }

  report(): PluginReport {
    const { id, path, plugin, candidate, own, error, isolation, generation, role, lastUpdate } = this;
    const others = role === undefined ? this.others() : [];
    const keptLibraries = role === undefined ? this.keptBecause() : [];
    const { requirements, permissions } = candidate?.manifest ?? {};
    const sandbox = this.sandbox?.report;
    const meta = (plugin ?? own)?.meta ?? candidate?.manifest.plugin;
    return {
      ...(id !== undefined && { id }),
      ...(path !== undefined && { path }),
      ...(meta !== undefined && { name: meta.name, version: meta.version }),
      ...(generation > 0 && { generation }),
      ...(role !== undefined && { role }),
      ...(others.length > 0 && { otherGenerations: others.map((other) => other.#asOther()) }),
      ...(lastUpdate !== undefined && { lastUpdate }),
      ...(keptLibraries.length > 0 && { keptLibraries }),
      ...(this.filesChanged && { filesChanged: true }),
      ...(isolation !== undefined && { isolation }),
      ...(plugin?.transport !== undefined && { transport: plugin.transport }),
      ...(plugin?.pid !== undefined && { pid: plugin.pid }),
      ...(plugin?.limits !== undefined && { limits: plugin.limits }),
      state: this.state,
      step: error?.step ?? this.lifecycle.shown.step,
      ...(error !== undefined && { code: error.code, hint: error.hint, message: error.message }),
      capabilities: this.isUp ? this.registered : [],
      missing: this.missing,
      ...(requirements !== undefined && { requirements }),
      ...(permissions !== undefined && { permissions }),
      ...(sandbox !== undefined && { sandbox }),
      warnings: warningsIn(this.trace.entries),
      timings: this.#timings(),
      trace: [...this.trace.entries],
      events: [...(plugin?.events ?? [])],
    };
  }

  #asOther(): NonNullable<PluginReport['otherGenerations']>[number] {
    const { plugin, candidate, generation, role = 'next', state } = this;
    const version = (plugin?.meta ?? candidate?.manifest.plugin)?.version ?? '';
    return { role, version, state, ...(generation > 0 && { generation }), ...(plugin?.pid !== undefined && { pid: plugin.pid }) };
  }

  #timings(): PluginReport['timings'] {
    const timings: Partial<Record<Step, number>> = {};
    for (const { step, durationMs } of this.trace.entries) timings[step] = (timings[step] ?? 0) + durationMs;
    return timings;
  }
}
