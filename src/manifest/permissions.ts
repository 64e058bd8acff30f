import { posix } from 'node:path';
import { PERMISSION_KEYS, type PermissionKey, type PermissionLists, type Permissions } from '../report/permissions.js';
import type { ManifestFile } from './schema.js';

/** Returns `undefined` if the manifest asks for nothing. */
export function toPermissions({ optional, ...required }: ManifestFile['permissions']): Permissions | undefined {
  if (Object.keys(required).length === 0 && Object.keys(optional).length === 0) return undefined; // as most, in folders with thousands
  const asked = normalized(required);
  const permissions = { ...asked, optional: without(normalized(optional), asked) };
  return [asked, permissions.optional].some((lists) => PERMISSION_KEYS.some((key) => lists[key].length > 0)) ? permissions : undefined;
}

/** The lists with one spelling for each item, and each item once. */
export function normalized(lists: Partial<PermissionLists>): PermissionLists {
  return mapLists((key) => {
    const items: readonly (string | number)[] = lists[key] ?? [];
    return [...new Set(items.map((item) => (typeof item === 'string' ? NORMALIZE[key](item) : item)))];
  });
}

/** What is required is not optional as well. */
function without(optional: PermissionLists, required: PermissionLists): PermissionLists {
  return mapLists((key) => {
    const known: readonly (string | number)[] = required[key];
    return optional[key].filter((item) => !known.includes(item));
  });
}

/** Makes each list with `make`. The caller returns items of the type that the key has. */
export function mapLists(make: (key: PermissionKey) => readonly (string | number)[]): PermissionLists {
  return Object.fromEntries(PERMISSION_KEYS.map((key) => [key, make(key)])) as unknown as PermissionLists;
}

const unchanged = (item: string): string => item;

const NORMALIZE: Readonly<Record<PermissionKey, (item: string) => string>> = {
  read: normalPath,
  write: normalPath,
  connect: (endpoint) => endpoint.toLowerCase(),
  listen: unchanged,
  run: normalPath,
  env: unchanged,
  call: unchanged,
};

/** Without repeated slashes, `.` and a slash at the end. A path on a Windows drive gets forward slashes. */
function normalPath(path: string): string {
  const isDrive = /^[A-Za-z]:[/\\]/.test(path);
  const normal = posix.normalize(isDrive ? path.replaceAll('\\', '/') : path);
  return normal.length > 1 && !/^[A-Za-z]:\/$/.test(normal) ? normal.replace(/\/$/, '') : normal;
}
