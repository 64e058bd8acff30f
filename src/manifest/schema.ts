import lte from 'semver/functions/lte.js';
import * as z from 'zod';
import { CAPABILITY_KINDS, type CapabilityKind } from '../abi/constants.js';
import type { PermissionKey } from '../report/permissions.js';
import {
  abiVersion,
  callee,
  dottedName,
  endpoint,
  entryPoint,
  id,
  lines,
  permissionPath,
  port,
  program,
  programPath,
  relativePath,
  text,
  toolName,
  variable,
  version,
  webAddress,
} from './fields.js';
import { HOOK_NAMES, type HookName } from './hook-names.js';
import { isVersion } from './version.js';

/** The messages of the schema say what was expected; problems.ts adds what was found. */
const table = (name: string) => ({ error: `a table [${name}]` });

/** An object without members, inherited ones included. */
const emptyTable = (): Record<string, never> => Object.create(null) as Record<string, never>;

interface ListRules {
  readonly of?: string;
  readonly most?: number;
  readonly once?: string;
}

/** Unique items. Checked even if an item is invalid, so that all problems are reported at once. */
function listOf<T extends z.ZodType<string | number>>(item: T, { of = 'strings', most = 1000, once = 'each name once' }: ListRules = {}) {
  return z
    .array(item, { error: `a list of ${of}` })
    .max(most, { error: most === 1000 ? 'at most 1000 names' : `at most ${most} items` })
    .superRefine(
      (items, context) => {
        items.forEach((value, index) => {
          if (isSecond(items, value, index)) context.addIssue({ code: 'custom', path: [index], message: once });
        });
      },
      { when: ({ value }) => Array.isArray(value) },
    )
    .meta({ uniqueItems: true })
    .default([]);
}

/** What will not work without each name. */
function consequences(name: z.ZodType<string>) {
  return z.record(name, text(256), { error: 'a table of names, each with what will not work without it' }).default(emptyTable);
}

function isSecond(items: readonly unknown[], value: unknown, index: number): boolean {
  return (typeof value === 'string' || typeof value === 'number') && items.indexOf(value) !== index;
}

const plugin = z.strictObject(
  {
    id,
    name: text(128),
    version,
    description: lines(2048),
    author: text(256),
    entry_point: entryPoint,
    license: text(256).optional(),
    repository: webAddress.optional(),
    homepage: webAddress.optional(),
    keywords: listOf(text(64)),
  },
  table('plugin'),
);

const hookName = z.enum(HOOK_NAMES, { error: `one of ${HOOK_NAMES.join(', ')}` });

/** The kinds whose names are not dotted names. capability/kinds checks registered names by the same rules. */
const NAMES: Partial<Record<CapabilityKind, z.ZodType<string>>> = { tool: toolName, hook: hookName };

/** A list of names for each kind: `tools`, `commands` … */
type NameLists = { readonly [K in CapabilityKind as `${K}s`]: ReturnType<typeof listOf<z.ZodType<K extends 'hook' ? HookName : string>>> };
const nameLists = Object.fromEntries(CAPABILITY_KINDS.map((kind) => [`${kind}s`, listOf(NAMES[kind] ?? dottedName)])) as unknown as NameLists;

const capabilities = z.strictObject(nameLists, table('capabilities'));

interface HostRange {
  readonly min_host_version?: unknown;
  readonly max_host_version?: unknown;
}

/** False if both bounds are versions and the minimum is above the maximum. */
export function isRange({ min_host_version: min, max_host_version: max }: HostRange): boolean {
  return !isVersion(min) || !isVersion(max) || lte(min, max);
}

const compatibility = z.strictObject(
  { min_host_version: version.optional(), max_host_version: version.optional(), abi: abiVersion.optional() },
  table('compatibility'),
);

const config = z.strictObject({ schema: relativePath }, table('config'));

/** What the plugin does not work without, and what it can do without; for the latter, what will not work then. */
const requirements = z.strictObject(
  {
    env: listOf(variable),
    programs: listOf(program),
    optional_env: consequences(variable),
    optional_programs: consequences(program),
  },
  table('requirements'),
);

const permission = <T extends z.ZodType<string | number>>(item: T, of = 'strings') => listOf(item, { of, most: 100, once: 'each item once' });

/** What the plugin asks to reach: see PermissionLists. */
const permissionLists = {
  read: permission(permissionPath),
  write: permission(permissionPath),
  connect: permission(endpoint),
  listen: permission(port, 'port numbers'),
  run: permission(programPath),
  env: permission(variable),
  call: permission(callee),
} satisfies Record<PermissionKey, z.ZodType>;

const permissions = z.strictObject(
  { ...permissionLists, optional: z.strictObject(permissionLists, table('permissions.optional')).prefault(emptyTable) },
  table('permissions'),
);

/** All sections and keys of a manifest. */
export const SECTIONS = { plugin, capabilities, compatibility, config, requirements, permissions };

/** The keys of every table, by the path of the table. */
export const TABLES: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(SECTIONS),
  ...Object.fromEntries(Object.entries(SECTIONS).map(([name, { shape }]) => [name, Object.keys(shape)])),
  'permissions.optional': Object.keys(permissionLists),
};

export const manifestSchema = z.strictObject({
  plugin,
  capabilities: capabilities.prefault(emptyTable),
  compatibility: compatibility
    .refine(isRange, {
      error: 'a version that is not above max_host_version',
      path: ['min_host_version'],
      when: ({ value }) => typeof value === 'object' && value !== null,
    })
    .prefault(emptyTable),
  config: config.optional(),
  requirements: requirements.prefault(emptyTable),
  permissions: permissions.prefault(emptyTable),
});

/** The manifest with the keys of the file; missing lists are empty. */
export type ManifestFile = z.output<typeof manifestSchema>;
