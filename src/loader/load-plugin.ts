import { isOverwritten } from '../files/is-overwritten.js';
import { endAtExit } from '../library/index.js';
import type { NativePlugin } from '../native/native-plugin.js';
import type { Lifecycle } from '../plugin/lifecycle.js';
import { Trace } from '../report/trace.js';
import type { Candidate } from '../scan/index.js';
import type { Triage } from '../triage/index.js';
import { examine, type ExamineOptions } from './examine.js';
import { openPlugin, type OpenOptions } from './open-plugin.js';
import { openedHere } from './opened-libraries.js';
import { placeLibrary } from './place-library.js';

/** Of one host: the object stands for that host among the others in this process. */
export interface LoadOptions extends ExamineOptions, OpenOptions {
  readonly hostVersion: string;
  readonly logger: OpenOptions['logger'];
}

/** How one candidate is to be loaded. */
export interface LoadRequest {
  /** Gets every step. */
  readonly trace?: Trace | undefined;
  /** Where the plugin stands, from now on. Default: one of its own. */
  readonly lifecycle?: Lifecycle | undefined;
  /** The last word before any of its code runs: called when the library has been found fit. Refuses by throwing. */
  readonly beforeOpen?: ((library: Triage) => Promise<void>) | undefined;
  /** Called before one in a child process is opened there again, after that has crashed. Refuses by throwing. */
  readonly beforeReopen?: ((library: Triage) => Promise<void>) | undefined;
  /** Called when the state of a plugin in a child process has changed without a step: it crashed, was restarted, or could not be. */
  readonly onStateChange?: (() => void) | undefined;
}

/**
 * Takes a candidate from its manifest to a live plugin. Everything that can be known without running the plugin's code
 * comes first: host version, the manifest's ABI, the library as a file. Opening it runs its constructors.
 * @throws LoadError
 */
export async function loadPlugin(candidate: Candidate, options: LoadOptions, request: LoadRequest = {}): Promise<NativePlugin> {
  const { trace = new Trace(), beforeOpen, lifecycle } = request;
  const facts = await examine(candidate, options, trace);
  await beforeOpen?.(facts);
  watchExit();
  const placing = { candidate, options, trace, opened: openedHere, preload: process.env.LD_PRELOAD, isHost: true, pid: process.pid, host: options };
  return placeLibrary(facts, placing, (library, claim) =>
    openPlugin(candidate, library, { ...options, lifecycle, onGone: () => claim.release() }, trace),
  );
}

/** The destructors of a library whose file was written over would crash. */
const endIfOverwritten = (): void => {
  if (openedHere.libraries.some(({ mapped }) => mapped.names.some((name) => isOverwritten(name, process.pid)))) endAtExit();
};

let isExitWatched = false;

function watchExit(): void {
  if (!isExitWatched) process.once('exit', endIfOverwritten);
  isExitWatched = true;
}
