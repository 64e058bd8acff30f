import { monotonicNow } from '../../machine/node-timers.js';
import { jsonText } from '../terminal.js';
import type { PluginReport } from '../../report/plugin-report.js';
import { STATIC_CHECKS } from '../validate/static/index.js';
import { readContents } from '../validate/plugin-contents.js';
import { buildFailure } from './build-errors.js';
import { failureLines, seconds, timing as timingOf, type Times } from './texts.js';
import { findPlugin, type BuiltPlugin } from './find-plugin.js';
import type { PluginRun } from './plugin-run.js';
import type { Build } from './run-build.js';
import type { SourceChange } from './source-watch.js';
import type { Stage } from './stage.js';
import { START, type DevState, type DevView } from './view.js';

export interface SessionOptions {
  /** The project, absolute. */
  readonly folder: string;
  readonly id: string | undefined;
  readonly hostVersion: string | undefined;
  /** Undefined if nothing is to be built. */
  readonly build: Build | undefined;
  /** What the build makes, if the name does not tell. */
  readonly library: string | undefined;
  /** Called after each load. */
  readonly tool: { readonly name: string; readonly input: unknown } | undefined;
  readonly run: PluginRun;
  readonly stage: Stage;
  readonly view: DevView;
}

/** Builds, loads and calls again after each change. One build at a time: a change during a build ends it, and the next one begins. */
export class DevSession {
  #state: DevState = START;
  #building = new AbortController();
  #savedAt: number | undefined = Date.now();
  #wake: () => void = () => undefined;
  #isEnded = false;
  #cycles = 0;

  constructor(private readonly options: SessionOptions) {}

  /** Returns after `end`. */
  async run(): Promise<void> {
    while (!this.#isEnded) {
      const since = this.#savedAt;
      this.#savedAt = undefined;
      if (since !== undefined) await this.#cycle(since);
      this.#show({ activity: 'waiting for a change' });
      if (this.#savedAt === undefined && !this.#isEnded) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** A file was saved, or the user wants a build. */
  onChange({ files, savedAt }: SourceChange): void {
    if (files.length > 0) this.options.view.line('change', files.slice(0, 5).join(', ') + (files.length > 5 ? `, and ${files.length - 5} more` : ''));
    this.#savedAt ??= savedAt;
    this.#building.abort();
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#building.abort();
    this.#wake();
  }

  /** Calls the tool again. */
  async call(times?: Times): Promise<void> {
    const { tool, run, view } = this.options;
    if (tool === undefined || run.report?.state !== 'active') return;
    if (!run.tools.includes(tool.name)) return this.#fail([`the plugin has no tool ${tool.name} (it has: ${run.tools.join(', ') || 'none'})`]);
    const shown = `${tool.name} ${jsonText(tool.input)}`;
    this.#show({ call: shown });
    const began = monotonicNow();
    try {
      const chunks: unknown[] = [];
      const result = await run.call(tool.name, tool.input, (chunk) => chunks.push(chunk));
      const answer = jsonText(chunks.length > 0 ? { chunks, result } : result);
      const timing = timingOf(times, monotonicNow() - began);
      view.line('answer', `${shown} → ${answer} (${timing})`);
      this.#show({ answer, timing });
    } catch (error) {
      this.#fail(failureLines(error));
    }
  }

  /** The plugin has crashed, or runs again. */
  onState({ id = '', state, message, role }: PluginReport): void {
    if (role !== undefined) return; // of another generation
    const before = this.#state.state;
    this.refresh();
    if (state === 'restarting' || state === 'failed' || state === 'quarantined') this.options.view.line('state', `${id} is ${state}: ${message ?? ''}`);
    if (state === 'active' && before === 'restarting') this.options.view.line('state', `${id} is active again`);
  }

  /** Shows the present state of the plugin. */
  refresh(): void {
    const { report, tools } = this.options.run;
    const { id, version, state, generation, pid } = report ?? {};
    this.#show({ plugin: id === undefined ? undefined : `${id} ${version ?? ''}`, state, generation, pid, tools });
  }

  async #cycle(since: number): Promise<void> {
    this.#cycles++;
    const { folder, id, library, stage } = this.options;
    try {
      const began = monotonicNow();
      if (!(await this.#build())) return;
      const buildMs = monotonicNow() - began;
      this.#show({ activity: 'loading' });
      const built = await findPlugin(folder, { id, library });
      const staged = await stage.put(built);
      if (await this.#load(built)) await this.call({ since, buildMs, cause: this.#cycles === 1 ? 'start' : 'change' });
      await this.#check(staged); // after the answer, which people wait for
    } catch (error) {
      this.#fail(failureLines(error));
    } finally {
      this.refresh();
    }
  }

  /** False if it failed or was ended. */
  async #build(): Promise<boolean> {
    const { build, view } = this.options;
    if (build === undefined) return true;
    this.#show({ activity: 'building' });
    this.#building = new AbortController();
    const began = monotonicNow();
    const result = await build.run(this.#building.signal);
    if (result === undefined) return false;
    if (result.isOk) view.line('build', `${build.name}, ${seconds(monotonicNow() - began)}`);
    else this.#fail(buildFailure(result.output));
    return result.isOk;
  }

  /** Says what the checks of the files find. It does not decide: the host does. */
  async #check(folder: string): Promise<void> {
    const contents = await readContents(folder);
    for (const check of STATIC_CHECKS) {
      const findings = await check.run(contents);
      const bad = findings.filter(({ severity }) => severity === 'error' || severity === 'warning');
      this.options.view.line('check', bad.map(({ message }) => `${message} (${check.id})`));
    }
  }

  async #load(built: BuiltPlugin): Promise<boolean> {
    const { run, hostVersion, view } = this.options;
    const failure = await run.load(built, hostVersion);
    this.refresh();
    if (failure !== undefined) {
      this.#fail([failure.message ?? 'the plugin was not loaded', ...(failure.hint === undefined ? [] : [`→ ${failure.hint}`])]);
      return false;
    }
    const { version = '', state = '', pid, generation } = run.report ?? {};
    const details = [state, ...(generation === undefined ? [] : [`generation ${generation}`]), ...(pid === undefined ? [] : [`process ${pid}`])];
    view.line('load', `${built.manifest.plugin.id} ${version}: ${details.join(', ')}; tools: ${run.tools.join(', ') || 'none'}`);
    this.#show({ error: [] });
    return true;
  }

  #fail(lines: readonly string[]): void {
    const { report } = this.options.run;
    const { version, generation, state } = report ?? {};
    const still = state === 'active' ? [`still running: ${report?.id ?? ''} ${version ?? ''}${generation === undefined ? '' : `, generation ${generation}`}`] : [];
    this.#show({ error: lines });
    this.options.view.line('error', [...lines, ...still]);
  }

  #show(change: Partial<DevState>): void {
    this.#state = { ...this.#state, ...change };
    this.options.view.show(this.#state);
  }
}
