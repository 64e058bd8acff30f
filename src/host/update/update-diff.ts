import { CAPABILITY_KINDS } from '../../abi/constants.js';
import { LoadError, messageOf } from '../../errors/index.js';
import { PERMISSION_KEYS, type Permissions } from '../../report/permissions.js';
import type { Candidate } from '../../scan/index.js';

/** How the manifest of new files differs from that of the files that run. */
export interface UpdateDiff {
  readonly id: string;
  /** The plugin folder. */
  readonly path: string;
  /** The version that runs. */
  readonly from: string;
  readonly to: string;
  /** Capabilities that only the new manifest declares: `tool forecast` … */
  readonly addedCapabilities: readonly string[];
  readonly removedCapabilities: readonly string[];
  /** Permissions that only the new manifest asks for, also optional ones: `connect api.example.com:443` … */
  readonly addedPermissions: readonly string[];
  readonly removedPermissions: readonly string[];
}

/** Whether the host accepts new files that declare more. Must return `true`; any other value refuses them. */
export type OnUpdate = (diff: UpdateDiff) => boolean | Promise<boolean>;

export function updateDiff(running: Candidate, next: Candidate): UpdateDiff {
  const [oldNames, newNames] = [capabilitiesOf(running), capabilitiesOf(next)];
  const [oldGrants, newGrants] = [permissionsOf(running), permissionsOf(next)];
  return {
    id: next.id,
    path: next.path,
    from: running.manifest.plugin.version,
    to: next.manifest.plugin.version,
    addedCapabilities: newNames.filter((name) => !oldNames.includes(name)),
    removedCapabilities: oldNames.filter((name) => !newNames.includes(name)),
    addedPermissions: newGrants.filter((grant) => !oldGrants.includes(grant)),
    removedPermissions: oldGrants.filter((grant) => !newGrants.includes(grant)),
  };
}

/**
 * If the new files declare more than those that run, asks the host. Without `onUpdate` they are accepted, unless plugins must be locked.
 * @throws LoadError ERR_UPDATE_REFUSED
 */
export async function requireAccepted(diff: UpdateDiff, onUpdate: OnUpdate | undefined, mustBeLocked: boolean): Promise<void> {
  const added = [...diff.addedCapabilities, ...diff.addedPermissions];
  if (added.length === 0) return;
  const refuse = (reason: string, cause?: unknown): LoadError => new LoadError('ERR_UPDATE_REFUSED', { reason }, { pluginId: diff.id, path: diff.path, cause });
  const what = `the new files declare more than those that run (${added.join(', ')})`;
  if (onUpdate === undefined) {
    if (mustBeLocked) throw refuse(`${what}, plugins must be locked, and the host has no updates.onUpdate`);
    return;
  }
  let answer: unknown;
  try {
    answer = await onUpdate(diff);
  } catch (cause) {
    throw refuse(`${what}, and updates.onUpdate failed: ${messageOf(cause)}`, cause);
  }
  if (answer !== true) throw refuse(`${what}, and updates.onUpdate refused that`);
}

const capabilitiesOf = ({ manifest: { capabilities } }: Candidate): readonly string[] =>
  CAPABILITY_KINDS.flatMap((kind) => capabilities[`${kind}s`].map((name) => `${kind} ${name}`));

function permissionsOf({ manifest: { permissions } }: Candidate): readonly string[] {
  const listed = (lists: Permissions | Permissions['optional'] | undefined): string[] =>
    lists === undefined ? [] : PERMISSION_KEYS.flatMap((key) => lists[key].map((what) => `${key} ${what}`));
  return [...new Set([...listed(permissions), ...listed(permissions?.optional)])];
}
