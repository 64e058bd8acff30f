import { SUPPORTED_ABI, abiRangeText, speaksAbi } from '../abi/version.js';
import { LoadError, type ErrorContext } from '../errors/index.js';
import { NULL, isMapped, isMappedCall, openLibrary, openLibraryCall, type Address, type SharedLibrary } from '../library/index.js';
import type { Logger } from '../log/logger.js';
import type { ErrandLimit } from '../native/errands.js';
import { watchExit } from '../native/exit.js';
import type { NativePluginOptions } from '../native/native-plugin-options.js';
import { NativePlugin } from '../native/native-plugin.js';
import type { OutsideCalls } from '../native/outside-calls.js';
import { isVtable, readVtable, type Vtable } from '../native/vtable.js';
import type { Lifecycle } from '../plugin/lifecycle.js';
import type { LoadTimeouts } from '../plugin/lifecycle-table.js';
import type { Trace } from '../report/trace.js';
import type { Candidate } from '../scan/index.js';
import { bringsAllocator } from '../triage/dependencies.js'; // not the index: a child needs nothing else of triage
import type { Triage } from '../triage/index.js';
import { mayUnload } from './may-unload.js';
import { openFailure } from './open-failure.js';
import { withDeadline } from './with-deadline.js';

/** The library to open, as triage found it. */
export interface FitLibrary extends Pick<Triage, 'path' | 'dependencies' | 'traits' | 'libc'> {
  /** The host has opened this file in this process before; see OpenedLibraries. */
  readonly isReused: boolean;
  /** The file of which it is a private copy. Errors name this one. */
  readonly original?: string | undefined;
}

export interface OpenOptions {
  readonly logger: Logger;
  readonly timeouts: LoadTimeouts;
  readonly maxPayloadBytes: number;
  /** Runs none of the plugin's code on this thread, not even constructors and INLINE capabilities. */
  readonly offMain?: boolean;
  readonly errandLimit?: ErrandLimit | undefined;
  readonly outside?: OutsideCalls | undefined;
  readonly lifecycle?: Lifecycle | undefined;
  readonly onOverdue?: NativePluginOptions['onOverdue'];
  readonly isLost?: NativePluginOptions['isLost'];
  /** Called with the opened library, before its functions are called. */
  readonly onOpen?: (library: SharedLibrary) => void;
  /** Called when none of the plugin's code runs any more; never if a native call does not return. */
  readonly onGone?: () => void;
}

/** Opens the library, binds its symbols and creates the plugin, which runs the plugin's code. @throws LoadError */
export async function openPlugin({ id, manifest }: Candidate, fit: FitLibrary, options: OpenOptions, trace: Trace): Promise<NativePlugin> {
  const file = fit.original ?? fit.path;
  const where: ErrorContext = { pluginId: id, path: file };
  watchExit();
  if (!fit.isReused) await requireNew(fit.path, where, options);
  const library = await trace.check('open', 'opening the library, which runs its constructors', () => open(fit, where, options));
  options.onOpen?.(library);
  const vtable = await createPlugin(library, options.timeouts.create, where, trace);
  const { name, version, description, author } = manifest.plugin;
  return new NativePlugin({
    id,
    meta: { name, version, description, author },
    declared: manifest.capabilities,
    library,
    file,
    vtable,
    logger: options.logger,
    timeouts: options.timeouts,
    maxPayloadBytes: options.maxPayloadBytes,
    offMain: options.offMain ?? false,
    errandLimit: options.errandLimit,
    outside: options.outside,
    lifecycle: options.lifecycle,
    onGone: options.onGone,
    onOverdue: options.onOverdue,
    isLost: options.isLost,
  });
}

/** If the path is already mapped, the system returns that mapping, even for a different file. @throws LoadError ERR_LIBRARY_MAPPED */
async function requireNew(path: string, where: ErrorContext, { offMain, timeouts }: OpenOptions): Promise<void> {
  const askAside = async (): Promise<boolean> => {
    const { call, isMappedBy } = isMappedCall(path);
    return isMappedBy(call === undefined ? 0 : await withDeadline(call, "the system's loader", timeouts.create, { ...where, step: 'open' }));
  };
  const isKnown = offMain === true ? await askAside() : isMapped(path);
  if (!isKnown) return;
  throw new LoadError('ERR_LIBRARY_MAPPED', { expected: 'a library that is not open in this process', found: 'one that something else has opened' }, where);
}

async function open(fit: FitLibrary, where: ErrorContext, { offMain, timeouts }: OpenOptions): Promise<SharedLibrary> {
  const { path } = fit;
  const own = { prefersOwnNames: !bringsAllocator(fit), mayClose: offMain !== true && mayUnload(fit) };
  if (offMain === true) {
    const context = { ...where, step: 'open' } as const;
    await withDeadline(openLibraryCall(path, own), 'a constructor of the library', timeouts.create, context);
  }
  try {
    return openLibrary(path, own);
  } catch (cause) {
    throw openFailure(cause, fit, where);
  }
}

/** Calls the two C functions. `create` runs only if the ABI version is supported. */
async function createPlugin(library: SharedLibrary, timeoutMs: number, where: ErrorContext, trace: Trace): Promise<Vtable> {
  await trace.check('bind', 'aisopod_plugin_abi_version', () => checkAbi(library, timeoutMs, where), (found) => ({
    expected: abiRangeText(),
    found: String(found),
  }));
  return trace.check('create', 'aisopod_plugin_create, and what it returns', () => create(library, timeoutMs, where), ({ id }) => ({
    found: `a plugin with the id ${id}`,
  }));
}

async function checkAbi(library: SharedLibrary, timeoutMs: number, where: ErrorContext): Promise<number> {
  const at = symbolOf(library, 'aisopod_plugin_abi_version', where);
  symbolOf(library, 'aisopod_plugin_create', where);
  const found = await withDeadline({ prototype: 'abiVersion', at, args: [] }, 'aisopod_plugin_abi_version', timeoutMs, where);
  if (speaksAbi(found)) return found;
  throw new LoadError('ERR_ABI_MISMATCH', { expected: SUPPORTED_ABI, found, source: 'function' }, where);
}

async function create(library: SharedLibrary, timeoutMs: number, where: ErrorContext): Promise<Vtable> {
  const at = symbolOf(library, 'aisopod_plugin_create', where);
  const address = await withDeadline({ prototype: 'create', at, args: [] }, 'aisopod_plugin_create', timeoutMs, where);
  if (address === NULL) throw new LoadError('ERR_CREATE_FAILED', { symbol: 'aisopod_plugin_create', reason: 'returned NULL' }, where);
  try {
    return checkedVtable(address as Address, where);
  } catch (refusal) {
    await destroyRefused(library, address, timeoutMs, where);
    throw refusal;
  }
}

function checkedVtable(address: Address, where: ErrorContext): Vtable {
  const vtable = readVtable(address);
  if (!isVtable(vtable)) throw new LoadError('ERR_INVALID_PLUGIN', vtable, where);
  const expected = where.pluginId ?? vtable.id;
  if (vtable.id !== expected) throw new LoadError('ERR_ID_MISMATCH', { expected, found: vtable.id }, where);
  return vtable;
}

/** Destroys a refused plugin. Errors are ignored: the refusal is reported. */
async function destroyRefused(library: SharedLibrary, plugin: number, timeoutMs: number, where: ErrorContext): Promise<void> {
  const at = library.symbol('aisopod_plugin_destroy');
  if (at === undefined) return;
  await withDeadline({ prototype: 'destroy', at, args: [plugin] }, 'aisopod_plugin_destroy', timeoutMs, where).catch(() => undefined);
}

function symbolOf(library: SharedLibrary, symbol: string, where: ErrorContext): Address {
  const address = library.symbol(symbol);
  if (address === undefined) throw new LoadError('ERR_MISSING_SYMBOL', { symbol }, where);
  return address;
}
