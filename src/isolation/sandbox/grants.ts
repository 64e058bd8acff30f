import type { Enforcement, PermissionLists } from '../../report/permissions.js';

/** What a plugin's process may reach: real, absolute paths and exact endpoints. The implied ones ($PLUGIN, $DATA, $TMP) are included. */
export type Grants = PermissionLists;

/** What this system can enforce. */
export interface SandboxSupport {
  /** 'full': everything that the sandbox has a rule for. 'partly': `keys` says what is missing. 'none': no plugin can be sandboxed. */
  readonly level: 'full' | 'partly' | 'none';
  /** For example 'Landlock and seccomp'; 'none' if there is none. */
  readonly mechanism: string;
  /** The version of Landlock in this kernel. 0: no Landlock, or not Linux. */
  readonly kernelAbi: number;
  readonly keys: Readonly<Record<keyof Grants, Enforcement>>;
  /** Why `level` is not 'full'. */
  readonly reason?: string;
}

/** The grants of a plugin that may reach nothing. */
export const NO_GRANTS: Grants = { read: [], write: [], connect: [], listen: [], run: [], env: [], call: [] };
