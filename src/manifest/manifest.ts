import type { CapabilityKind } from '../abi/constants.js';
import type { Permissions } from '../report/permissions.js';
import type { Requirements } from '../report/plugin-report.js';
import type { HookName } from './hook-names.js';
import { toPermissions } from './permissions.js';
import type { ManifestFile } from './schema.js';

/** The validated content of `aisopod.plugin.toml`. */
export interface Manifest {
  readonly plugin: {
    readonly id: string;
    readonly name: string;
    /** Strict SemVer. */
    readonly version: string;
    readonly description: string;
    readonly author: string;
    /** The library's bare name; `libraryFilename` turns it into a file name. */
    readonly entryPoint: string;
    /** An SPDX expression or the like, as the author wrote it. */
    readonly license?: string;
    readonly repository?: string;
    readonly homepage?: string;
    readonly keywords?: readonly string[];
  };
  /** The names that the plugin may register, by kind: `tools`, `commands` … */
  readonly capabilities: { readonly [K in CapabilityKind as `${K}s`]: readonly (K extends 'hook' ? HookName : string)[] };
  readonly compatibility: {
    /** Both bounds are inclusive. */
    readonly minHostVersion?: string;
    readonly maxHostVersion?: string;
    readonly abi?: number;
  };
  /** `schema` is the path of a JSON Schema, relative to the plugin folder and separated by `/`. */
  readonly config?: { readonly schema: string };
  /** Absent if the plugin requires nothing. */
  readonly requirements?: Requirements;
  /** What it asks to reach. Absent if the plugin asks for nothing. Paths are normalized, their variables are kept. */
  readonly permissions?: Permissions;
}

/** Converts the file's snake_case keys. */
export function toManifest(file: ManifestFile): Manifest {
  const { entry_point: entryPoint, keywords, license, repository, homepage, ...plugin } = file.plugin;
  const { min_host_version: minHostVersion, max_host_version: maxHostVersion, abi } = file.compatibility;
  const requirements = toRequirements(file.requirements);
  const permissions = toPermissions(file.permissions);
  return {
    plugin: { ...plugin, entryPoint, ...present({ license, repository, homepage }), ...(keywords.length > 0 && { keywords }) },
    capabilities: file.capabilities,
    compatibility: present({ minHostVersion, maxHostVersion, abi }),
    ...(file.config !== undefined && { config: file.config }),
    ...present({ requirements, permissions }),
  };
}

function toRequirements({ env, programs, optional_env: optionalEnv, optional_programs: optionalPrograms }: ManifestFile['requirements']): Requirements | undefined {
  const requirements = { env, programs, optionalEnv, optionalPrograms };
  return Object.values(requirements).some((names) => Object.keys(names).length > 0) ? requirements : undefined;
}

/** The members that are not undefined. */
function present<T extends object>(members: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
