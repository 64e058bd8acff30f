import type { CapabilityKind } from '../abi/constants.js';
import type { HookName } from './hook-names.js';
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
}

/** Converts the file's snake_case keys. */
export function toManifest(file: ManifestFile): Manifest {
  const { entry_point: entryPoint, ...plugin } = file.plugin;
  const { min_host_version: min, max_host_version: max, abi } = file.compatibility;
  return {
    plugin: { ...plugin, entryPoint },
    capabilities: file.capabilities,
    compatibility: {
      ...(min === undefined ? {} : { minHostVersion: min }),
      ...(max === undefined ? {} : { maxHostVersion: max }),
      ...(abi === undefined ? {} : { abi }),
    },
    ...(file.config === undefined ? {} : { config: file.config }),
  };
}
