import { endAtExit, type SharedLibrary } from '../library/index.js';
import type { OverdueCall } from '../native/abandoned-calls.js';
import type { NativePlugin } from '../native/native-plugin.js';
import type { Lifecycle } from '../plugin/lifecycle.js';
import { Trace } from '../report/trace.js';
import type { AttributedEnd } from '../errors/index.js';
import type { Candidate } from '../scan/index.js';
import type { Triage } from '../triage/index.js';
import { examine, type ExamineOptions } from './examine.js';
import { optionError } from '../options/option-error.js';
import { isOptionsObject } from '../options/options-object.js';
import { openPlugin, type OpenOptions } from './open-plugin.js';
import { openedHere } from './opened-libraries.js';
import { copyIfPossible, type OwnCopy } from './own-copy.js';
import { placeLibrary, type PlacedLibrary } from './place-library.js';
import { isLostHere, isOverwrittenHere } from './overwritten-here.js';
import { noteLoaded } from './unload-plugin.js';
import type { SandboxRequest } from '../report/child-sandbox.js';

/** The options of one host. The object also identifies the host among the others in this process. */
export interface LoadOptions extends ExamineOptions, OpenOptions {
  readonly hostVersion: string;
  readonly logger: OpenOptions['logger'];
}

/** How to load one candidate. */
export interface LoadRequest {
  /** Records every step. @internal */
  readonly trace?: Trace | undefined;
  /** Holds the plugin's state. Default: a new one. @internal */
  readonly lifecycle?: Lifecycle | undefined;
  /** Called after triage, before any of its code runs. Throws to refuse the plugin. */
  readonly beforeOpen?: ((library: Triage) => Promise<void>) | undefined;
  /** Present if its child is sandboxed. @internal */
  readonly sandbox?: SandboxRequest | undefined;
  /** Called before a plugin is loaded again into its restarted child process. Throws to refuse it. */
  readonly beforeReopen?: ((library: Triage) => Promise<void>) | undefined;
  /** Loads it from a private copy of its folder. In a child process of its own, no other plugin uses that copy. @internal */
  readonly ownCopy?: OwnCopy | undefined;
  /** Called with the library that is opened next, which `beforeOpen` has seen unless it is a copy. Throws to refuse the plugin. @internal */
  readonly beforeRun?: ((library: PlacedLibrary) => Promise<void>) | undefined;
  /** Called when an invocation in this process passes its deadline in native code. @internal */
  readonly onOverdue?: ((call: OverdueCall) => void) | undefined;
  /** Whether to start a plugin again whose child process has ended. Default: yes. @internal */
  readonly wantsRestart?: ((end: AttributedEnd) => boolean) | undefined;
  /** Called when the state of a plugin in a child process has changed without a step: it crashed, was restarted, or could not be. */
  readonly onStateChange?: (() => void) | undefined;
}

/**
 * Loads a candidate. Checks first everything that can be checked without running its code: host version, the manifest's ABI
 * version, the library file. Opening the library runs its constructors.
 * @throws LoadError
 */
export async function loadPlugin(candidate: Candidate, options: LoadOptions, request: LoadRequest = {}): Promise<NativePlugin> {
  const given: unknown = request;
  if (!isOptionsObject(given)) throw optionError('request', 'an object', given, { pluginId: candidate.id });
  const { trace = new Trace(), beforeOpen, beforeRun, lifecycle, ownCopy, onOverdue } = request;
  const facts = await examine(candidate, options, trace);
  await beforeOpen?.(facts);
  watchExit();
  const copying = { candidate, options, trace, lease: undefined, isFree: (folder: string) => openedHere.isFree(folder) };
  const own = typeof ownCopy === 'object' ? await copyIfPossible(facts, ownCopy, copying) : undefined;
  const placing = { candidate, options, trace, opened: openedHere, preload: process.env.LD_PRELOAD, isHost: true, pid: process.pid, host: options, ownCopy, original: facts.path, beforeRun };
  return placeLibrary(own ?? facts, placing, async (library, claim) => {
    let opened: SharedLibrary | undefined;
    const plugin = await openPlugin(candidate, library, { ...options, lifecycle, onOpen: (it) => (opened = it), onGone: () => claim.release(), onOverdue, isLost: () => isLostHere(library.path) }, trace);
    if (opened !== undefined) noteLoaded(plugin, { library: opened, fit: library, claim });
    return plugin;
  });
}

/** Skips destructors at exit if the file of a library was overwritten: they would crash. */
const endIfOverwritten = (): void => {
  if (openedHere.libraries.some(({ path }) => isOverwrittenHere(path))) endAtExit({ mayLoseCode: false });
};

let isExitWatched = false;

function watchExit(): void {
  if (!isExitWatched) process.once('exit', endIfOverwritten);
  isExitWatched = true;
}
