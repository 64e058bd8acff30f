import { PERMISSION_KEYS, type PermissionLists, type Permissions } from '../report/permissions.js';

/** What a manifest asks for, one line for each kind of access. */
export function permissionLines(permissions: Permissions | undefined): readonly string[] {
  if (permissions === undefined) return ['none'];
  return [...linesOf(permissions, ''), ...linesOf(permissions.optional, ' (optional)')];
}

const linesOf = (lists: PermissionLists, ending: string): string[] =>
  PERMISSION_KEYS.filter((key) => lists[key].length > 0).map((key) => `${key} ${lists[key].join(', ')}${ending}`);
