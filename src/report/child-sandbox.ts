import type { PermissionLists } from './permissions.js';
import type { Trace } from './trace.js';

/** What a process may reach: real paths, with the plugin's own folders. */
export interface Sandbox extends PermissionLists {
  /** The version of Landlock to use, if not the kernel's: an older one, to test what it enforces. */
  readonly landlockAbi?: number;
}

/** What the process of a sandboxed plugin may reach, and what it gets. */
export interface ChildSandbox {
  /** Absent if this system can enforce nothing. */
  readonly grants?: Sandbox;
  /** Variables that the process gets in addition. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables of the host that it gets in addition. */
  readonly inheritEnv: readonly string[];
  /** It may start without a sandbox, if this system turns out to have none. */
  readonly mayGoWithout?: boolean;
}

/**
 * How its process starts. `plain`: like that of a plugin without a sandbox. `launched`: it can start before its grants are known, and
 * waits for them. `alone`: only when they are known.
 */
export type SandboxStart = 'plain' | 'launched' | 'alone';

/** How to sandbox a plugin that is loaded into a child. */
export interface SandboxRequest {
  /** Variables that the manifest asks for. The plugin is refused later if it requires one and does not get it. */
  readonly askedEnv: readonly string[];
  /** The folder for private copies, which it may read. */
  readonly copyDir: string | undefined;
  /** Default: 'alone'. */
  readonly startsAs?: SandboxStart;
  /** Called once, after `beforeOpen`. */
  readonly child: () => ChildSandbox;
}

/** The sandbox of one plugin, from the decision to its end. */
export interface OwnSandbox extends SandboxRequest {
  /** Called before its files are examined. */
  prepare(): Promise<void>;
  /** Called before any of its code runs. Throws to refuse the plugin. */
  admit(trace: Trace): Promise<void>;
  /** Called when its process has ended. */
  end(): Promise<void>;
}

/** Makes a sandbox with this parent of data folders. */
export type SandboxIn = (dataDir: string) => OwnSandbox;
