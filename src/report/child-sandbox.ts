import type { PermissionLists } from './permissions.js';

/** What the process of a sandboxed plugin may reach, and what it gets. */
export interface ChildSandbox {
  /** Absent if this system can enforce nothing. */
  readonly grants?: PermissionLists;
  /** Variables that the process gets in addition. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables of the host that it gets in addition. */
  readonly inheritEnv: readonly string[];
}

/** How to sandbox a plugin that is loaded into a child. */
export interface SandboxRequest {
  /** Variables that the manifest asks for. The plugin is refused later if it requires one and does not get it. */
  readonly askedEnv: readonly string[];
  /** The folder for private copies, which it may read. */
  readonly copyDir: string | undefined;
  /** Called once, after `beforeOpen`. */
  readonly child: () => ChildSandbox;
}
