import satisfies from 'semver/functions/satisfies.js';
import { SUPPORTED_ABI, abiRangeText, speaksAbi } from '../abi/version.js';
import { LoadError, inPlugin } from '../errors/index.js';
import { silentLogger, type Logger } from '../log/logger.js';
import { checkVersionCompatibility } from '../manifest/index.js';
import { WARNING_PREFIX, type Finding, type Trace } from '../report/trace.js';
import type { Candidate } from '../scan/index.js';
import { refusalOf, triage, type Triage } from '../triage/index.js';
import { admit, cachedTriage, readTrustOptions, type Admitted, type IsFree, type Trust } from '../trust/index.js';
import { checkRequirements } from './requirements.js';

export interface ExamineOptions {
  /** Without it, the manifest's range of host versions is not checked. */
  readonly hostVersion?: string | undefined;
  /** Default: the defaults of the `trust` option. */
  readonly trust?: Trust;
  /** Folder in which triage results are cached. Default: no cache. */
  readonly cacheDir?: string | undefined;
  readonly logger?: Logger;
  /** SemVer ranges by plugin id. Default: any version. */
  readonly versions?: Readonly<Record<string, string>> | undefined;
  /** Returns the environment that the plugin will have. Default: that of this process. */
  readonly environment?: (() => NodeJS.ProcessEnv) | undefined;
  /** Always makes a private copy of the plugin. */
  readonly copy?: IsFree;
}

/**
 * Checks everything that can be known about a candidate without running its code. Open the library at the path of the result.
 * @throws LoadError
 */
export async function examine(candidate: Candidate, options: ExamineOptions, trace: Trace): Promise<Triage> {
  const { trust = readTrustOptions(), cacheDir, logger = silentLogger, copy } = options;
  await examineManifest(candidate, options.hostVersion, trace);
  await checkVersion(candidate, options.versions ?? {}, trace);
  await checkRequirements(candidate, options.environment?.() ?? process.env, trace);
  const admitted = await admit(candidate, trust, trace, logger, copy);
  try {
    const facts = await trace.check('triage', 'library contents', () => requireFit(admitted, cacheDir, candidate.id), describeFacts);
    for (const { topic, message, hint } of facts.verdict.warnings) trace.note('triage', `${WARNING_PREFIX}${topic}`, `${message} ${hint}`);
    return facts;
  } catch (error) {
    throw inPlugin(error, candidate.id);
  }
}

async function examineManifest(candidate: Candidate, hostVersion: string | undefined, trace: Trace): Promise<void> {
  const { minHostVersion: min, maxHostVersion: max, abi } = candidate.manifest.compatibility;
  const expected = [min && `at least ${min}`, max && `at most ${max}`].filter(Boolean).join(', ') || 'any';
  if (hostVersion === undefined) trace.note('manifest', 'host version', 'not checked');
  else {
    const finding = { expected, found: hostVersion };
    await trace.check('manifest', 'host version', () => checkVersionCompatibility(candidate.manifest, hostVersion), () => finding);
  }
  if (abi === undefined) trace.note('manifest', 'ABI version of the manifest', 'not specified (optional)');
  else {
    const finding = { expected: abiRangeText(), found: String(abi) };
    await trace.check('manifest', 'ABI version of the manifest', () => requireAbi(candidate, abi), () => finding);
  }
}

/** Checks the plugin's own version, if the host wants certain ones. @throws LoadError ERR_PLUGIN_VERSION */
async function checkVersion({ id, manifestPath, manifest }: Candidate, versions: Readonly<Record<string, string>>, trace: Trace): Promise<void> {
  const expected = Object.hasOwn(versions, id) ? versions[id] : undefined;
  if (expected === undefined) return;
  const { version: found } = manifest.plugin;
  const check = (): void => {
    if (satisfies(found, expected, { includePrerelease: true })) return;
    throw new LoadError('ERR_PLUGIN_VERSION', { expected, found }, { pluginId: id, path: manifestPath });
  };
  await trace.check('manifest', 'version of the plugin', check, () => ({ expected, found }));
}

/** Checks a library in a private copy of a plugin that has passed `examine`. @throws LoadError */
export async function examineCopy(library: string, pluginId: string): Promise<Triage> {
  return requireFit({ library, isCopy: true }, undefined, pluginId);
}

/** @throws LoadError if the library does not fit this process */
async function requireFit({ library: path, isCopy }: Admitted, cacheDir: string | undefined, pluginId: string): Promise<Triage> {
  // A copy has a new path each time, so caching it would be useless.
  const facts = await (cacheDir === undefined || isCopy ? triage(path) : cachedTriage(path, cacheDir));
  const refusal = refusalOf(facts, { pluginId, path });
  if (refusal !== undefined) throw refusal;
  return facts;
}

function describeFacts({ format, os, arch, note, verdict }: Triage): Finding {
  const abi = note === undefined ? 'no note' : `ABI ${note.abiVersion} (from the note)`;
  return { expected: `${process.platform} ${process.arch}`, found: `${format}, ${os ?? 'any system'} ${arch ?? ''}, ${abi}: ${verdict.kind}` };
}

function requireAbi({ id, manifestPath }: Candidate, found: number): void {
  if (speaksAbi(found)) return;
  const fields = { expected: SUPPORTED_ABI, found, source: 'manifest' } as const;
  throw new LoadError('ERR_ABI_MISMATCH', fields, { pluginId: id, path: manifestPath, step: 'manifest' });
}
