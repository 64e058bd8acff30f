import { realpath } from 'node:fs/promises';
import { normalized, mapLists } from '../../manifest/permissions.js';
import { homeFolder } from '../../options/folders.js';
import { PERMISSION_KEYS, type PermissionKey, type PermissionLists, type RefusedPermission } from '../../report/permissions.js';
import type { Candidate } from '../../scan/index.js';
import { covers, type Item } from './covers.js';
import type { ProtectedFolders } from './protected-folders.js';
import { realPathOf, type RealPath } from './real-path.js';

/** The folders that the variables stand for: real paths. */
export interface OwnFolders {
  readonly plugin: string;
  readonly data: string;
}

export interface Question {
  readonly candidate: Candidate;
  readonly own: OwnFolders;
  readonly protectedFolders: ProtectedFolders;
  /** Asks the host. */
  readonly ask: (asked: PermissionLists) => Promise<Partial<PermissionLists>>;
  /** Variables that every child of the host gets. */
  readonly variables: readonly string[];
}

export interface Decision {
  /** Real paths, without the plugin's own folders. */
  readonly granted: PermissionLists;
  readonly refused: readonly RefusedPermission[];
  /** Those of `refused` without which the plugin cannot work. */
  readonly denied: readonly RefusedPermission[];
}

/** Something that the manifest asks for. */
interface Asked {
  readonly key: PermissionKey;
  readonly permission: string;
  /** As written, or a real path. */
  readonly item: Item;
  readonly problem?: string | undefined;
  /** Nothing that the host grants can solve the problem. */
  readonly isImpossible: boolean;
  readonly isRequired: boolean;
}

/** The permissions that the plugin asks for and the host grants. Asks the host only if the plugin asks for something. */
export async function decide({ candidate, own, protectedFolders, ask, variables }: Question): Promise<Decision> {
  const asked = await askedBy(candidate, own);
  const refused: (RefusedPermission & { readonly isRequired: boolean })[] = [];
  const granted: (readonly [PermissionKey, Item])[] = [];
  const given = asked.length === 0 ? [] : await givenBy(await ask(listsOf(asked.filter(({ problem }) => problem === undefined))), variables, own);
  for (const { key, permission, item, problem, isImpossible, isRequired } of asked) {
    const isGranted = !isImpossible && given.some((grant) => includes(grant, key, item));
    const items = isGranted ? [item] : given.filter((grant) => grant.key === key && covers(key, item, grant.item)).map((grant) => grant.item);
    const wrong = items.map((one) => problemOf(key, one)).find((found) => found !== undefined);
    if (wrong === undefined) granted.push(...items.map((one) => [key, one] as const));
    const reason = wrong ?? (isGranted ? undefined : (problem ?? partial(items) ?? 'the host does not grant it'));
    if (reason !== undefined) refused.push({ permission, reason, isRequired });
  }
  return {
    granted: mapLists((key) => [...new Set(granted.filter(([of]) => of === key).map(([, item]) => item))]),
    refused: refused.map(plain),
    denied: refused.filter(({ isRequired }) => isRequired).map(plain),
  };

  function problemOf(key: PermissionKey, item: Item): string | undefined {
    return key === 'write' ? protectedFolders.problemOf(String(item), candidate.id, own.plugin) : undefined;
  }
}

const plain = ({ permission, reason }: RefusedPermission): RefusedPermission => ({ permission, reason });

const partial = (items: readonly Item[]): string | undefined => (items.length === 0 ? undefined : `the host grants only ${items.join(', ')}`);

/** What may be written may be read. */
const includes = (grant: Pick<Asked, 'key' | 'item'>, key: PermissionKey, item: Item): boolean =>
  (grant.key === key || (grant.key === 'write' && key === 'read')) && covers(key, grant.item, item);

/** What the manifest asks for beyond the plugin's own folders. */
async function askedBy({ manifest: { permissions } }: Candidate, own: OwnFolders): Promise<Asked[]> {
  if (permissions === undefined) return [];
  const { optional, ...required } = permissions;
  const all = [
    ...itemsOf(required).map((asked) => ({ ...asked, isRequired: true })),
    ...itemsOf(optional).map((asked) => ({ ...asked, isRequired: false })),
  ].filter(({ key, item }) => !isOwn(key, item));
  const placed = await Promise.all(all.map(async ({ key, item, isRequired }) => ({ key, permission: `${key} ${item}`, isRequired, ...(await place(key, item, own)) })));
  return placed.filter(({ key, item }) => !((key === 'read' && covers(key, own.plugin, item)) || (isPath(key) && key !== 'run' && covers(key, own.data, item))));
}

const itemsOf = (lists: PermissionLists): { readonly key: PermissionKey; readonly item: Item }[] =>
  PERMISSION_KEYS.flatMap((key) => lists[key].map((item) => ({ key, item })));

/** The plugin's own folders, which need no grant and may not exist yet. */
const isOwn = (key: PermissionKey, item: Item): boolean => /^\$(?:DATA|TMP)(?:\/|$)/.test(String(item)) || (key === 'read' && /^\$PLUGIN(?:\/|$)/.test(String(item)));

const isPath = (key: PermissionKey): boolean => key === 'read' || key === 'write' || key === 'run';

async function place(key: PermissionKey, item: Item, own: OwnFolders): Promise<Pick<Asked, 'item' | 'problem' | 'isImpossible'>> {
  if (!isPath(key)) return { item, isImpossible: false };
  const { path, problem, isLink } = await realPathIn(String(item), own);
  return { item: path, problem, isImpossible: problem !== undefined && isLink !== true };
}

async function realPathIn(written: string, { plugin, data }: OwnFolders): Promise<RealPath> {
  const [start = '', ...rest] = written.split('/');
  const known: Readonly<Record<string, string>> = { $PLUGIN: plugin, $DATA: data };
  if (start !== '~') return realPathOf([known[start] ?? start, ...rest].join('/'));
  const home = homeFolder();
  if (home === undefined) return { path: written, problem: 'this user has no home folder' };
  return realPathOf([await realpath(home).catch(() => home), ...rest].join('/'));
}

/** Grants through a link do not count: see realPathOf. */
async function givenBy(lists: Partial<PermissionLists>, variables: readonly string[], own: OwnFolders): Promise<Pick<Asked, 'key' | 'item'>[]> {
  const { env = [] } = lists;
  const items = itemsOf(normalized({ ...lists, env: [...env, ...variables] }));
  const placed = await Promise.all(items.map(async ({ key, item }) => ({ key, ...(await place(key, item, own)) })));
  return placed.filter(({ problem }) => problem === undefined);
}

const listsOf = (asked: readonly Asked[]): PermissionLists => mapLists((key) => asked.filter((one) => one.key === key).map(({ item }) => item));
