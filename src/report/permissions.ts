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
