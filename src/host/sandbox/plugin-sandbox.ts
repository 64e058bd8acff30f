import { join } from 'node:path';
import type { CapabilityKind } from '../../abi/constants.js';
import { LoadError, type ErrorContext } from '../../errors/index.js';
import type { SandboxSupport } from '../../isolation/sandbox/grants.js';
import type { ChildSandbox, OwnSandbox, SandboxStart } from '../../report/child-sandbox.js';
import { PERMISSION_KEYS, type PermissionLists, type SandboxReport } from '../../report/permissions.js';
import type { Isolation } from '../../report/plugin-report.js';
import type { Trace } from '../../report/trace.js';
import type { Candidate } from '../../scan/index.js';
import { covers } from './covers.js';
import { decide, type Decision } from './decide.js';
import { dataFolder, makeCopyDir, makeTemporary, removeFolders, type Folders } from './own-folders.js';
import { ProtectedFolders, type HostFolders } from './protected-folders.js';
import { futureRealPath } from './real-path.js';
import { grantsOf, type SandboxMode, type SandboxOptions } from './sandbox-options.js';
import type { SharedSandbox } from './shared-sandbox.js';
import { describeSupport, requireSupport, supportFor } from './support.js';
import { temporaryFolder } from '../../options/folders.js';

export interface PluginSandboxOptions {
  readonly mode: Exclude<SandboxMode, 'off'>;
  /** The host has not set the option. */
  readonly isDefault: boolean;
  readonly isolation: Isolation;
  /** The program of its child, if it is not the one of this package. */
  readonly childEntry?: string | undefined;
  readonly grants: SandboxOptions['grants'] | undefined;
  /** Calls of other plugins need a permission; otherwise the host's `mayCall` alone decides about them. */
  readonly limitsCalls: boolean;
  readonly folders: HostFolders;
  /** Variables that every child of the host gets. */
  readonly variables: readonly string[];
  /** Present if plugins may share its process. */
  readonly shared: SharedSandbox | undefined;
}

/** What one plugin may reach, from the decision to its end. */
export class PluginSandbox implements OwnSandbox {
  #decision: Decision | undefined;
  /** Once they exist. */
  #own: Folders = { read: [], write: [] };
  #copyDir: string | undefined;

  constructor(
    private readonly candidate: Candidate,
    private readonly options: PluginSandboxOptions,
  ) {
    options.shared?.expect(candidate);
  }

  get #support(): SandboxSupport {
    return supportFor(this.options);
  }

  get #isEnforced(): boolean {
    return this.#support.level !== 'none';
  }

  get startsAs(): SandboxStart {
    if (this.#isEnforced) return process.platform === 'linux' ? 'launched' : 'alone';
    return this.options.isDefault && this.askedEnv.length === 0 ? 'plain' : 'alone';
  }

  get askedEnv(): readonly string[] {
    const { permissions } = this.candidate.manifest;
    return permissions === undefined ? [] : [...permissions.env, ...permissions.optional.env];
  }

  get copyDir(): string | undefined {
    return this.#copyDir;
  }

  /** Called before its files are examined, because they may be copied then. */
  async prepare(): Promise<void> {
    const { shared, isolation, folders } = this.options;
    if (isolation !== 'in-process') this.#copyDir = await (shared?.copyDir() ?? makeCopyDir(folders.copyDir));
  }

  /**
   * Decides what the plugin may reach and makes its folders, before any of its code runs.
   * @throws LoadError ERR_PERMISSION_DENIED, ERR_SANDBOX_UNAVAILABLE, ERR_SHARED_GRANTS, ERR_OPTIONS, ERR_IO
   */
  async admit(trace: Trace): Promise<void> {
    const { options } = this;
    const where = this.#where;
    const finding = { expected: options.mode, found: describeSupport(this.#support) };
    if (options.mode === 'require') await trace.check('trust', 'sandbox', () => requireSupport(options.mode, this.#support, NOTHING, where), () => finding);
    const decide = async (): Promise<void> => {
      const { granted, denied } = (this.#decision ??= await this.#decide());
      if (denied.length > 0) throw new LoadError('ERR_PERMISSION_DENIED', { denied }, where);
      requireSupport(options.mode, this.#support, granted, where);
    };
    await trace.check('trust', 'permissions', decide, () => ({ found: this.#summary }));
    this.#own = await this.#makeFolders();
  }

  child(): ChildSandbox {
    const { granted } = this;
    const { temporary = temporaryFolder() } = this.#own;
    const isPlain = this.startsAs === 'plain';
    return {
      ...(this.#isEnforced && { grants: granted }),
      env: isPlain ? {} : { TMPDIR: temporary, TMP: temporary, TEMP: temporary },
      inheritEnv: granted.env,
      mayGoWithout: this.options.mode === 'best-effort',
    };
  }

  /** With the plugin's own folders. */
  get granted(): PermissionLists {
    const { granted } = this.#decision ?? { granted: NOTHING };
    const { read, write } = this.#own;
    return { ...granted, read: [...read, ...granted.read], write: [...write, ...granted.write] };
  }

  /** Whether it may call this capability of another plugin. */
  mayCall(kind: CapabilityKind, name: string): boolean {
    return !this.options.limitsCalls || this.granted.call.some((granted) => covers('call', granted, `${kind} ${name}`));
  }

  /** What was decided, for a trial in a process of its own with another parent of data folders. */
  readonly forTrial = (dataDir: string): PluginSandbox => {
    const { candidate, options } = this;
    const trial = new PluginSandbox(candidate, { ...options, isolation: 'process', shared: undefined, folders: { ...options.folders, dataDir } });
    trial.#decision = this.#decision;
    return trial;
  };

  /** Absent until it was decided. */
  get report(): SandboxReport | undefined {
    if (this.#decision === undefined) return undefined;
    return { mode: this.options.mode, ...this.#support, granted: this.granted, refused: this.#decision.refused };
  }

  /** Its process has ended, or goes on without it. */
  async end(): Promise<void> {
    const { shared } = this.options;
    if (shared === undefined) await removeFolders(this.#own.temporary, this.#copyDir);
    else await shared.leave(this, this.candidate);
  }

  async #decide(): Promise<Decision> {
    const { candidate } = this;
    const { folders, variables } = this.options;
    const own = { plugin: await futureRealPath(candidate.path), data: await futureRealPath(join(folders.dataDir, candidate.id)) };
    const protectedFolders = await ProtectedFolders.of(folders);
    return decide({ candidate, own, protectedFolders, variables, ask: (asked) => this.#ask(asked) });
  }

  async #ask(asked: PermissionLists): Promise<Partial<PermissionLists>> {
    const { grants, limitsCalls } = this.options;
    return { ...(await grantsOf(grants, this.candidate, asked)), ...(!limitsCalls && { call: asked.call }) };
  }

  async #makeFolders(): Promise<Folders> {
    const { candidate, options } = this;
    const { shared, isolation, folders, limitsCalls } = options;
    if (shared !== undefined) return shared.enter(this, candidate, limitsCalls ? this.granted : { ...this.granted, call: [] }, this.#isEnforced);
    const plugin = await futureRealPath(candidate.path);
    const data = await dataFolder(candidate, folders.dataDir, this.#isEnforced);
    if (isolation === 'in-process') return { read: [plugin], write: [data] };
    const temporary = this.startsAs === 'plain' ? undefined : await makeTemporary(this.#isEnforced);
    return { read: [plugin, this.#copyDir ?? []].flat(), write: [data, temporary ?? []].flat(), temporary };
  }

  get #summary(): string {
    const { granted, refused } = this.#decision ?? { granted: NOTHING, refused: [] };
    const items = PERMISSION_KEYS.flatMap((key) => granted[key].map((item) => `${key} ${item}`));
    const without = refused.map(({ permission, reason }) => `not ${permission}: ${reason}`);
    return [...items, ...without].join('; ') || 'none beyond its own folders';
  }

  get #where(): ErrorContext {
    return { pluginId: this.candidate.id, path: this.candidate.manifestPath };
  }
}

const NOTHING: PermissionLists = { read: [], write: [], connect: [], listen: [], run: [], env: [], call: [] };
