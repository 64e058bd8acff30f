import { SUPPORTED_ABI, speaksAbi } from '../abi/version.js';
import { LoadError, inPlugin } from '../errors/index.js';
import { silentLogger, type Logger } from '../log/logger.js';
import { checkVersionCompatibility } from '../manifest/index.js';
import type { Finding, Trace } from '../report/trace.js';
import type { Candidate } from '../scan/index.js';
import { refusalOf, triage, type Triage } from '../triage/index.js';
import { admit, cachedTriage, readTrustOptions, type Admitted, type IsFree, type Trust } from '../trust/index.js';

export interface ExamineOptions {
  /** Without it no manifest is judged by host version. */
  readonly hostVersion?: string | undefined;
  /** Default: that of no options. */
  readonly trust?: Trust;
  /** Where triage remembers what libraries say of themselves; nowhere, unless it is given. */
  readonly cacheDir?: string | undefined;
  readonly logger?: Logger;
  /** Makes a private copy of the plugin in any case. */
  readonly copy?: IsFree;
}

/**
 * Everything that can be known of a candidate without running any of its code. The path of the result is what to open.
 * @throws LoadError
 */
export async function examine(candidate: Candidate, options: ExamineOptions, trace: Trace): Promise<Triage> {
  const { manifest, id } = candidate;
  const { hostVersion, trust = readTrustOptions(), cacheDir, logger = silentLogger, copy } = options;
  const { minHostVersion: min, maxHostVersion: max, abi } = manifest.compatibility;
  const wanted = [min && `at least ${min}`, max && `at most ${max}`].filter(Boolean).join(', ') || 'any';
  await trace.check(
    'manifest',
    'host version',
    () => hostVersion !== undefined && checkVersionCompatibility(manifest, hostVersion),
    () => ({ expected: wanted, found: hostVersion ?? 'not checked' }),
  );
  await trace.check(
    'manifest',
    'ABI version of the manifest',
    () => checkManifestAbi(candidate),
    () => ({ expected: `${SUPPORTED_ABI.min} to ${SUPPORTED_ABI.max}`, found: abi === undefined ? 'not specified' : String(abi) }),
  );
  const admitted = await admit(candidate, trust, trace, logger, copy);
  try {
    const facts = await trace.check('triage', 'library contents', () => fitting(admitted, cacheDir, id), describeFacts);
    for (const { topic, message, hint } of facts.verdict.warnings) trace.note('triage', `warning: ${topic}`, `${message} ${hint}`);
    return facts;
  } catch (error) {
    throw inPlugin(error, id);
  }
}

async function fitting({ library: path, isCopy }: Admitted, cacheDir: string | undefined, pluginId: string): Promise<Triage> {
  // A copy is at another path each time: remembering it would help nobody.
  const facts = await (cacheDir === undefined || isCopy ? triage(path) : cachedTriage(path, cacheDir));
  const refusal = refusalOf(facts, { pluginId, path });
  if (refusal !== undefined) throw refusal;
  return facts;
}

function describeFacts({ format, os, arch, note, verdict }: Triage): Finding {
  const abi = note === undefined ? 'no note' : `ABI ${note.abiVersion} (from the note)`;
  return { expected: `${process.platform} ${process.arch}`, found: `${format}, ${os ?? 'any system'} ${arch ?? ''}, ${abi}: ${verdict.kind}` };
}

function checkManifestAbi({ id, manifestPath, manifest }: Candidate): void {
  const { abi } = manifest.compatibility;
  if (abi === undefined || speaksAbi(abi)) return;
  const fields = { expected: SUPPORTED_ABI, found: abi, source: 'manifest' } as const;
  throw new LoadError('ERR_ABI_MISMATCH', fields, { pluginId: id, path: manifestPath, step: 'manifest' });
}
