import * as z from 'zod';
import { LoadError, messageOf, type ErrorContext } from '../../errors/index.js';
import { isOptionsObject } from '../../options/options-object.js';
import { optionError } from '../../options/option-error.js';
import { PERMISSION_KEYS, type PermissionLists } from '../../report/permissions.js';
import type { Candidate } from '../../scan/index.js';

/**
 * `off`: no permissions are checked. `best-effort`: what this system can enforce is enforced. `require`: a plugin that cannot be
 * sandboxed is refused.
 */
export type SandboxMode = 'off' | 'best-effort' | 'require';

/**
 * What the host grants a plugin. `asked` has everything that the manifest asks for and that can be granted, with real paths; return
 * `asked` to grant all of it. The plugin gets what it asked for and is granted.
 */
export type GrantPermissions = (candidate: Candidate, asked: PermissionLists) => Partial<PermissionLists> | Promise<Partial<PermissionLists>>;

export interface SandboxOptions {
  /**
   * For all plugins, or a function that returns it for each. Default `'best-effort'`; the sandboxes of macOS and Windows are used only if
   * the option is given.
   */
  readonly sandbox?: SandboxMode | ((candidate: Candidate) => SandboxMode);
  /** Default: grants nothing beyond the plugin's own folders. */
  readonly grants?: GrantPermissions;
}

export const DEFAULT_MODE: SandboxMode = 'best-effort';
const ONE_OF = "'off', 'best-effort' or 'require'";
export const isMode = (value: unknown): value is SandboxMode => value === 'off' || value === 'best-effort' || value === 'require';

/** A mode, or a function of the host, whose results are checked later. */
export const sandboxOption = z.custom<NonNullable<SandboxOptions['sandbox']>>((value) => isMode(value) || typeof value === 'function', { error: ONE_OF });

const whereOf = ({ id, path }: Candidate): ErrorContext => ({ pluginId: id, path });

/** @throws LoadError ERR_OPTIONS if the host's function throws or returns an invalid value */
export function modeOf(sandbox: SandboxOptions['sandbox'] = DEFAULT_MODE, candidate: Candidate): SandboxMode {
  if (typeof sandbox !== 'function') return sandbox;
  let mode: unknown;
  try {
    mode = sandbox(candidate);
  } catch (cause) {
    throw failed('sandbox', ONE_OF, candidate, cause);
  }
  if (!isMode(mode)) throw optionError('sandbox', ONE_OF, mode, whereOf(candidate));
  return mode;
}

const LISTS = `an object with lists: ${PERMISSION_KEYS.join(', ')}`;

/** What the host grants. @throws LoadError ERR_OPTIONS if its function throws or returns an invalid value */
export async function grantsOf(grants: GrantPermissions | undefined, candidate: Candidate, asked: PermissionLists): Promise<Partial<PermissionLists>> {
  if (grants === undefined) return {};
  let given: unknown;
  try {
    given = await grants(candidate, asked);
  } catch (cause) {
    throw failed('grants', LISTS, candidate, cause);
  }
  if (!isOptionsObject(given)) throw optionError('grants', LISTS, given, whereOf(candidate));
  const lists = Object.entries(given).filter(([, list]) => list !== undefined);
  for (const [key, list] of lists) requireList(key, list, candidate);
  return Object.fromEntries(lists);
}

function requireList(key: string, list: unknown, candidate: Candidate): void {
  if (!(PERMISSION_KEYS as readonly string[]).includes(key)) throw optionError('grants', LISTS, key, whereOf(candidate));
  const isNumeric = key === 'listen';
  const isGood = (item: unknown): boolean => (isNumeric ? Number.isInteger(item) : typeof item === 'string' && item !== '' && !item.includes('\0'));
  if (!Array.isArray(list) || !list.every(isGood)) throw optionError(`grants.${key}`, isNumeric ? 'an array of ports' : 'an array of strings', list, whereOf(candidate));
}

function failed(option: string, expected: string, candidate: Candidate, cause: unknown): LoadError {
  return new LoadError('ERR_OPTIONS', { option, expected, found: `an error: ${messageOf(cause)}` }, { ...whereOf(candidate), cause });
}
