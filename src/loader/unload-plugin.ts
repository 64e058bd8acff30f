import { messageOf } from '../errors/index.js';
import type { SharedLibrary } from '../library/index.js';
import { isFileMapped, mappedFileAt, type MappedFile } from '../machine/mapped-file.js';
import { threadInside } from '../machine/threads-inside.js';
import type { Plugin } from '../plugin/plugin.js';
import type { PreviousLibrary } from '../report/plugin-report.js';
import { whyItStays } from './may-unload.js';
import type { FitLibrary } from './open-plugin.js';
import type { Claim } from './opened-libraries.js';
import { isLostHere, isOverwrittenHere } from './overwritten-here.js';
import { withDeadline } from './with-deadline.js';

const OVERWRITTEN = 'its file was overwritten while it was mapped, so its code is lost';

interface Loaded {
  readonly library: SharedLibrary;
  readonly fit: FitLibrary;
  readonly claim: Claim;
  /** Found when it was opened: its symbols cannot be looked up once its file was overwritten. */
  readonly mapped: MappedFile | undefined;
}

/** The plugins that were loaded into this process. */
const loaded = new WeakMap<Plugin, Loaded>();

export function noteLoaded(plugin: Plugin, { library, fit, claim }: Omit<Loaded, 'mapped'>): void {
  const mapped = whyItStays(fit) === undefined ? mappedFileAt(library.symbol('aisopod_plugin_create') ?? 0) : undefined;
  loaded.set(plugin, { library, fit, claim, mapped });
}

/** The path of the library of a plugin in this process, if that was overwritten, so that nothing of it can be called any more. */
export function lostLibrary(plugin: Plugin): string | undefined {
  const path = loaded.get(plugin)?.fit.path;
  return path !== undefined && isLostHere(path) ? path : undefined;
}

/** What will become of a plugin's library, as far as this is known while the plugin runs; `undefined` if it is not in this process. */
export function expectedEnd(plugin: Plugin): PreviousLibrary | undefined {
  const known = loaded.get(plugin);
  if (known === undefined) return undefined;
  const reason = isOverwrittenHere(known.fit.path) ? OVERWRITTEN : whyItStays(known.fit);
  return reason === undefined ? { state: 'in use' } : { state: 'kept', reason };
}

/**
 * Unmaps the library of a plugin that has ended, if it is certain that nothing will call or read it any more. Otherwise it stays mapped,
 * and the result says why. Call once. `timeoutMs`: the deadline of its destructors.
 */
export async function unloadPlugin(plugin: Plugin, timeoutMs: number): Promise<PreviousLibrary | undefined> {
  const known = loaded.get(plugin);
  if (known === undefined) return undefined;
  const reason = await close(known, plugin.id, timeoutMs);
  if (reason === undefined) return { state: 'unmapped' };
  known.claim.keep(reason);
  return { state: 'kept', reason };
}

/** Returns why the library is still mapped. */
async function close({ library, fit, claim, mapped }: Loaded, pluginId: string, timeoutMs: number): Promise<string | undefined> {
  const reason = isOverwrittenHere(fit.path) ? OVERWRITTEN : whyItStays(fit);
  if (reason !== undefined || library.close === undefined) return reason ?? 'the system has no second handle for it';
  if (!claim.reclaim()) return 'code of it may still run';
  const obstacle = await obstacleTo(fit, mapped);
  if (mapped === undefined || obstacle !== undefined) {
    claim.release();
    return obstacle;
  }
  try {
    await withDeadline(library.close(), 'a destructor of the library', timeoutMs, { pluginId, path: library.path, step: 'shutdown' });
  } catch (error) {
    return messageOf(error); // it stays in use: its destructors may still run
  }
  if (isFileMapped(mapped)) {
    claim.release();
    return 'the system keeps it mapped';
  }
  claim.forget();
  return undefined;
}

async function obstacleTo({ traits }: FitLibrary, mapped: MappedFile | undefined): Promise<string | undefined> {
  if (mapped === undefined) return 'the system does not show what is mapped';
  return traits.startsThreads ? await threadInside(mapped.code) : undefined;
}
