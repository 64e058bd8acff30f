import { SUPPORTED_ABI, speaksAbi } from '../abi/version.js';
import { LoadError, inPlugin, type ErrorContext } from '../errors/index.js';
import { NULL, bind, openLibrary, type Address, type SharedLibrary } from '../library/index.js';
import type { Logger } from '../log/logger.js';
import { checkVersionCompatibility } from '../manifest/index.js';
import { NativePlugin, type LifecycleTimeouts } from '../plugin/native/native-plugin.js';
import { isVtable, readVtable, type Vtable } from '../plugin/native/vtable.js';
import { resolveLibrary, type Candidate } from '../scan/index.js';
import { hostTarget, refusalOf, triage } from '../triage/index.js';
import { openFailure } from './open-failure.js';
import { withDeadline } from './with-deadline.js';

export interface LoadOptions {
  readonly hostVersion: string;
  readonly logger: Logger;
  readonly timeouts: LoadTimeouts;
  readonly maxPayloadBytes: number;
}

/** Milliseconds. `create` covers `aisopod_plugin_abi_version` as well. */
export interface LoadTimeouts extends LifecycleTimeouts {
  readonly create: number;
}

/**
 * Takes a candidate from its manifest to a live plugin. Everything that can be known without running the plugin's code
 * comes first: host version, the manifest's ABI, the library as a file. Opening it runs its constructors.
 * @throws LoadError
 */
export async function loadPlugin(candidate: Candidate, options: LoadOptions): Promise<NativePlugin> {
  try {
    return await takeSteps(candidate, options);
  } catch (error) {
    throw inPlugin(error, candidate.id);
  }
}

async function takeSteps(candidate: Candidate, options: LoadOptions): Promise<NativePlugin> {
  const { manifest, id } = candidate;
  checkVersionCompatibility(manifest, options.hostVersion);
  checkManifestAbi(candidate);
  const path = await resolveLibrary(candidate.path, manifest.plugin.entryPoint);
  const where: ErrorContext = { pluginId: id, path };
  const library = await openTriaged(path, where);
  const vtable = await createPlugin(library, options.timeouts.create, where);
  if (vtable.id !== id) throw new LoadError('ERR_ID_MISMATCH', { expected: id, found: vtable.id }, where);
  const { name, version, description, author } = manifest.plugin;
  return new NativePlugin({
    id,
    meta: { name, version, description, author },
    declared: manifest.capabilities,
    library,
    vtable,
    logger: options.logger,
    timeouts: options.timeouts,
    maxPayloadBytes: options.maxPayloadBytes,
  });
}

function checkManifestAbi({ id, manifestPath, manifest }: Candidate): void {
  const { abi } = manifest.compatibility;
  if (abi === undefined || speaksAbi(abi)) return;
  const fields = { expected: SUPPORTED_ABI, found: abi, source: 'manifest' } as const;
  throw new LoadError('ERR_ABI_MISMATCH', fields, { pluginId: id, path: manifestPath, step: 'manifest' });
}

/** Reads the library as a file, and opens it only when nothing in it speaks against that. */
async function openTriaged(path: string, where: ErrorContext): Promise<SharedLibrary> {
  const facts = await triage(path, hostTarget());
  const refusal = refusalOf(facts, where);
  if (refusal !== undefined) throw refusal;
  try {
    return openLibrary(path);
  } catch (cause) {
    throw openFailure(cause, facts.missing, where);
  }
}

/** The two C symbols: the ABI version decides whether create may run at all. */
async function createPlugin(library: SharedLibrary, timeoutMs: number, where: ErrorContext): Promise<Vtable> {
  const abiVersion = bind('abiVersion', symbolOf(library, 'aisopod_plugin_abi_version', where));
  const create = bind('create', symbolOf(library, 'aisopod_plugin_create', where));
  const found = await withDeadline((done) => abiVersion.async(done), 'aisopod_plugin_abi_version', timeoutMs, where);
  if (!speaksAbi(found)) {
    throw new LoadError('ERR_ABI_MISMATCH', { expected: SUPPORTED_ABI, found, source: 'function' }, where);
  }
  const address = await withDeadline((done) => create.async(done), 'aisopod_plugin_create', timeoutMs, where);
  if (address === NULL) throw new LoadError('ERR_CREATE_FAILED', { symbol: 'aisopod_plugin_create', reason: 'returned NULL' }, where);
  const vtable = readVtable(address as Address);
  if (!isVtable(vtable)) throw new LoadError('ERR_INVALID_PLUGIN', vtable, where);
  return vtable;
}

function symbolOf(library: SharedLibrary, symbol: string, where: ErrorContext): Address {
  const address = library.symbol(symbol);
  if (address === undefined) throw new LoadError('ERR_MISSING_SYMBOL', { symbol }, where);
  return address;
}
