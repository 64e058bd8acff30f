import type { PluginHostOptions } from '../../host/host-options.js';
import { PluginHost } from '../../host/plugin-host.js';
import type { PluginConfig } from '../../plugin/config-copy.js';
import type { PluginReport } from '../../report/plugin-report.js';
import type { BuiltPlugin } from './find-plugin.js';

/** Why a build does not run. */
export type LoadFailure = Pick<PluginReport, 'message' | 'hint'>;

export type RunOptions = Omit<PluginHostOptions, 'hostVersion' | 'config' | 'trust'>;

/** The plugin of `dev` in a host of its own, which lives through all builds. */
export class PluginRun {
  #host: PluginHost | undefined;
  #id = '';

  constructor(
    private readonly options: RunOptions,
    /** Of the plugin. */
    private readonly config: unknown,
  ) {}

  get report(): PluginReport | undefined {
    return this.#host?.explain(this.#id);
  }

  get tools(): readonly string[] {
    return this.#host?.tools.map(({ name }) => name) ?? [];
  }

  /** Loads a build, or lets it take over from the one before. Returns why the build does not run; then the one before runs on. */
  async load({ manifest }: BuiltPlugin, hostVersion: string | undefined): Promise<LoadFailure | undefined> {
    const { id } = manifest.plugin;
    if (this.#host !== undefined && this.#id === id) {
      const result = await this.#host.update(id);
      return result.outcome === 'kept' || result.outcome === 'refused' ? result.error : undefined;
    }
    await this.close();
    this.#id = id;
    const { minHostVersion, maxHostVersion } = manifest.compatibility;
    this.#host = await PluginHost.open({
      ...this.options,
      hostVersion: hostVersion ?? minHostVersion ?? maxHostVersion ?? '1.0.0',
      trust: { allow: [id] },
      config: { [id]: this.config as PluginConfig },
    });
    return this.report?.state === 'active' ? undefined : (this.report ?? { message: `the host did not find the plugin ${id}` });
  }

  /** The answer of a tool. @throws InvocationError */
  call(tool: string, input: unknown, onChunk: (chunk: unknown) => void): Promise<unknown> | undefined {
    return this.#host?.find('tool', tool)?.call(input, { onChunk });
  }

  async close(): Promise<void> {
    await this.#host?.close();
    this.#host = undefined;
  }
}
