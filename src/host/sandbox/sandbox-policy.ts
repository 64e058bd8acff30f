import type { CapabilityKind } from '../../abi/constants.js';
import { absolutePath, homeFolder } from '../../options/folders.js';
import { stateFolder } from '../../quarantine/index.js';
import type { Plugin } from '../../plugin/plugin.js';
import type { Isolation } from '../../report/plugin-report.js';
import { defaultPluginDirs, type Candidate } from '../../scan/index.js';
import type { HostSettings } from '../host-options.js';
import { PluginSandbox } from './plugin-sandbox.js';
import type { HostFolders } from './protected-folders.js';
import { modeOf } from './sandbox-options.js';
import { SharedSandbox } from './shared-sandbox.js';

type Settings = Pick<HostSettings, 'sandbox' | 'grants' | 'processes' | 'trust' | 'pluginDirs' | 'dataDir' | 'stateDir' | 'cacheDir'>;

/** Which plugins of a host are sandboxed, and how. */
export class SandboxPolicy {
  readonly #sandboxes = new WeakMap<Plugin, PluginSandbox>();
  /** By the name of the process. */
  readonly #shared = new Map<string, SharedSandbox>();

  constructor(
    private readonly settings: Settings,
    /** The known plugins of a shared process, also those that are not enabled. */
    private readonly sharing: (processName: string) => readonly Candidate[],
  ) {}

  /** For a plugin that is about to be loaded; `undefined` if it is not sandboxed. @throws LoadError ERR_OPTIONS */
  sandboxOf(candidate: Candidate, isolation: Isolation): PluginSandbox | undefined {
    const { sandbox, grants } = this.settings;
    const mode = modeOf(sandbox, candidate);
    if (mode === 'off') return undefined;
    return new PluginSandbox(candidate, { mode, isDefault: sandbox === undefined, isolation, childEntry: this.settings.processes?.childEntry, grants, limitsCalls: true, folders: this.#folders, variables: this.#variables, shared: this.#sharedBy(isolation) });
  }

  /** For a plugin that was loaded. */
  adopt(plugin: Plugin, sandbox: PluginSandbox): void {
    this.#sandboxes.set(plugin, sandbox);
  }

  /** Whether a plugin may call this capability of another one, as far as permissions go. */
  readonly permits = (plugin: Plugin, kind: CapabilityKind, name: string): boolean => this.#sandboxes.get(plugin)?.mayCall(kind, name) ?? true;

  #sharedBy(isolation: Isolation): SharedSandbox | undefined {
    if (typeof isolation === 'string') return undefined;
    const { process: name } = isolation;
    const known = this.#shared.get(name) ?? new SharedSandbox(name, this.#folders, () => this.sharing(name));
    this.#shared.set(name, known);
    return known;
  }

  get #folders(): HostFolders {
    const { pluginDirs = defaultPluginDirs().map(absolutePath), dataDir, stateDir, cacheDir, trust } = this.settings;
    const hasState = stateDir !== undefined || homeFolder() !== undefined;
    return { pluginDirs, dataDir, stateDir: hasState ? stateFolder(stateDir) : undefined, cacheDir, copyDir: trust?.copyDir };
  }

  /** Every child of the host gets these. */
  get #variables(): readonly string[] {
    const { env = {}, inheritEnv = [] } = this.settings.processes ?? {};
    return [...Object.keys(env), ...inheritEnv];
  }
}
