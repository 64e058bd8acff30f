import type { PermissionKey } from '../../report/permissions.js';
import { isInside } from '../../trust/path-safety.js';

export type Item = string | number;

/** True if `path` is `folder` or below it. Both are real paths. */
export const isWithin = (folder: string, path: string): boolean => folder === path || isInside(folder, path);

/** Whether an item includes another one of the same key. Paths are real paths. */
type Covers = (outer: string, inner: string) => boolean;

const isSame: Covers = (outer, inner) => outer === inner;

const COVERS: Readonly<Record<PermissionKey, Covers>> = {
  read: isWithin,
  write: isWithin,
  connect: (outer, inner) => outer === inner || (outer.startsWith('*:') && outer.slice(2) === inner.slice(inner.lastIndexOf(':') + 1)),
  listen: isSame,
  run: isWithin,
  env: process.platform === 'win32' ? (outer, inner) => outer.toUpperCase() === inner.toUpperCase() : isSame,
  call: (outer, inner) => outer === inner || (outer.endsWith(' *') && inner.startsWith(outer.slice(0, -1))),
};

export const covers = (key: PermissionKey, outer: Item, inner: Item): boolean => COVERS[key](String(outer), String(inner));
