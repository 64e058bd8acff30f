/** What a plugin may reach outside its own folders, one list per kind of access. docs/sandbox.md explains each. */
export interface PermissionLists {
  /** Files and folders, with everything in them. */
  readonly read: readonly string[];
  /** The same, also for changes. Includes reading. */
  readonly write: readonly string[];
  /** `host:port`; the host may be `*`. */
  readonly connect: readonly string[];
  /** TCP ports. */
  readonly listen: readonly number[];
  /** Programs, by path. */
  readonly run: readonly string[];
  /** Environment variables of the host. */
  readonly env: readonly string[];
  /** Capabilities of other plugins: `tool fetch`; the name may be `*`. */
  readonly call: readonly string[];
}

export type PermissionKey = keyof PermissionLists;

export const PERMISSION_KEYS = ['read', 'write', 'connect', 'listen', 'run', 'env', 'call'] as const satisfies readonly PermissionKey[];

/** What a manifest asks for. Paths may begin with `~`, `$PLUGIN`, `$DATA` or `$TMP`. */
export interface Permissions extends PermissionLists {
  /** What the plugin can work without. */
  readonly optional: PermissionLists;
}

/** How far a permission is enforced. `declared`: shown, but not enforced. */
export type Enforcement = 'enforced' | 'partly' | 'declared';

/** A permission that the plugin asked for and does not have. */
export interface RefusedPermission {
  /** As in the manifest: `read ~/Notes`. */
  readonly permission: string;
  readonly reason: string;
}

/** What a plugin may reach, and how far that is enforced. */
export interface SandboxReport {
  readonly mode: 'best-effort' | 'require';
  /** `full`: everything that the sandbox has a rule for. `partly`: `keys` says what is missing. `none`: it runs without a sandbox. */
  readonly level: 'full' | 'partly' | 'none';
  /** `Landlock and seccomp`; `none` if there is none. */
  readonly mechanism: string;
  /** The version of the kernel's interface (Landlock); 0 if there is none. */
  readonly kernelAbi: number;
  /** Why `level` is not `full`. */
  readonly reason?: string;
  readonly keys: Readonly<Record<PermissionKey, Enforcement>>;
  /** Real paths, with the plugin's own folders. */
  readonly granted: PermissionLists;
  readonly refused: readonly RefusedPermission[];
}
