import { SUPPORTED_ABI, speaksAbi } from '../abi/version.js';
import { LoadError, inPlugin } from '../errors/index.js';
import { checkVersionCompatibility } from '../manifest/index.js';
import type { Finding, Trace } from '../report/trace.js';
import { resolveLibrary, type Candidate } from '../scan/index.js';
import { hostTarget, refusalOf, triage, type Triage } from '../triage/index.js';

/**
 * Everything that can be known of a candidate without running any of its code.
 * @throws LoadError
 */
export async function examine(candidate: Candidate, hostVersion: string | undefined, trace: Trace): Promise<Triage> {
  const { manifest, id, path } = candidate;
  const { minHostVersion: min, maxHostVersion: max, abi } = manifest.compatibility;
  const wanted = [min && `at least ${min}`, max && `at most ${max}`].filter(Boolean).join(', ') || 'any';
  await trace.check(
    'manifest',
    'host version',
    () => hostVersion !== undefined && checkVersionCompatibility(manifest, hostVersion),
    () => ({ expected: wanted, found: hostVersion ?? 'not asked about' }),
  );
  await trace.check(
    'manifest',
    'ABI version of the manifest',
    () => checkManifestAbi(candidate),
    () => ({ expected: `${SUPPORTED_ABI.min} to ${SUPPORTED_ABI.max}`, found: abi === undefined ? 'not given' : String(abi) }),
  );
  try {
    const file = await trace.check('triage', 'the library', () => resolveLibrary(path, manifest.plugin.entryPoint), (found) => ({ found }));
    return await trace.check('triage', 'the library, read as a file', () => fitting(file, id), describeFacts);
  } catch (error) {
    throw inPlugin(error, id);
  }
}

async function fitting(path: string, pluginId: string): Promise<Triage> {
  const facts = await triage(path, hostTarget());
  const refusal = refusalOf(facts, { pluginId, path });
  if (refusal !== undefined) throw refusal;
  return facts;
}

function describeFacts({ format, os, arch, note, verdict }: Triage): Finding {
  const abi = note === undefined ? 'no note' : `ABI ${note.abiVersion} by its note`;
  return { expected: `${process.platform} ${process.arch}`, found: `${format}, ${os ?? 'any system'} ${arch ?? ''}, ${abi}: ${verdict.kind}` };
}

function checkManifestAbi({ id, manifestPath, manifest }: Candidate): void {
  const { abi } = manifest.compatibility;
  if (abi === undefined || speaksAbi(abi)) return;
  const fields = { expected: SUPPORTED_ABI, found: abi, source: 'manifest' } as const;
  throw new LoadError('ERR_ABI_MISMATCH', fields, { pluginId: id, path: manifestPath, step: 'manifest' });
}
