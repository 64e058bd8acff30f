import gt from 'semver/functions/gt.js';
import lt from 'semver/functions/lt.js';
import { LoadError, type ErrorContext } from '../errors/index.js';
import { optionError } from '../options/option-error.js';
import type { Manifest } from './manifest.js';
import { quote } from './describe.js';
import { isVersion } from './version.js';

export interface HostBounds {
  readonly minHostVersion?: string | undefined;
  readonly maxHostVersion?: string | undefined;
}

/**
 * Checks that the host version is in the range that the manifest requires. Both bounds are inclusive, in SemVer
 * order: a prerelease comes before its release, so host `1.0.0-rc.1` is below a minimum of `1.0.0` and within a
 * maximum of `1.0.0`. Build metadata (`+build.5`) and the plugin's own version are ignored.
 *
 * @param hostVersion strict SemVer: no leading `v`.
 * @throws {LoadError} ERR_VERSION_COMPATIBILITY, whose `bound` is the bound that failed, or `'host'` if
 * `hostVersion` is not a version; ERR_OPTIONS.
 */
export function checkVersionCompatibility(manifest: Manifest, hostVersion: string): void {
  const { plugin, compatibility } = Object(manifest) as Partial<Manifest>;
  if (Object(plugin) !== plugin || Object(compatibility) !== compatibility) throw optionError('manifest', 'a manifest, as readManifest() returns it', manifest);
  judgeHostVersion(manifest.compatibility, hostVersion, { pluginId: manifest.plugin.id });
}

export function judgeHostVersion(bounds: HostBounds, hostVersion: string, context: ErrorContext): void {
  checkHostVersion(hostVersion);
  const { minHostVersion: min, maxHostVersion: max } = bounds;
  const refuse = (bound: 'min_host_version' | 'max_host_version', expected: string): never => {
    throw new LoadError('ERR_VERSION_COMPATIBILITY', { bound, expected, found: hostVersion }, context);
  };
  if (min !== undefined && lt(hostVersion, min)) refuse('min_host_version', `${min} or newer`);
  if (max !== undefined && gt(hostVersion, max)) refuse('max_host_version', `${max} or older`);
}

/** @throws {LoadError} ERR_VERSION_COMPATIBILITY with `bound: 'host'`: the host's mistake, not a plugin's. */
export function checkHostVersion(hostVersion: string): void {
  if (isVersion(hostVersion)) return;
  throw new LoadError('ERR_VERSION_COMPATIBILITY', { bound: 'host', expected: 'MAJOR.MINOR.PATCH', found: quote(String(hostVersion)) });
}
