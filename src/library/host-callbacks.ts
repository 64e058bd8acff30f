import { Status } from '../abi/status.js';
import { koffi } from './koffi-settings.js';

const binary = koffi.pointer(koffi.proto('int32_t', ['uintptr_t', 'uintptr_t']));
const ternary = koffi.pointer(koffi.proto('int32_t', ['uintptr_t', 'uintptr_t', 'uintptr_t']));
const lookup = koffi.pointer(koffi.proto('uintptr_t', ['uintptr_t', 'uintptr_t']));

/** C signatures of host functions (without the context, their first argument), and the results for a closed context and after a throw. */
const SIGNATURES = {
  'status(pointer)': { type: binary, onClosed: Status.CLOSED, onThrow: Status.FAILED },
  'status(pointer, pointer)': { type: ternary, onClosed: Status.CLOSED, onThrow: Status.FAILED },
  'pointer(pointer)': { type: lookup, onClosed: 0, onThrow: 0 },
} as const;
export type HostSignature = keyof typeof SIGNATURES;

/**
 * Host functions, which native code calls with a context and koffi runs on the main thread. A context is a number, not an
 * address, so an unknown or closed one is looked up safely (rule 19).
 */
export class HostCallbacks<H> {
  readonly #hosts = new Map<number, H>();
  #lastContext = 0;

  open(host: H): { readonly context: number; readonly close: () => void } {
    const context = ++this.#lastContext;
    this.#hosts.set(context, host);
    return { context, close: () => void this.#hosts.delete(context) };
  }

  /** A C function that calls `run`. Register each once per process: koffi has 8192 slots and never frees a worker's. */
  register(signature: HostSignature, run: (host: H, first: number, second: number) => number): bigint {
    const { type, onClosed, onThrow } = SIGNATURES[signature];
    const callback = (context: number, first: number, second = 0): number => {
      const host = this.#hosts.get(context);
      if (host === undefined) return onClosed;
      try {
        return run(host, first, second);
      } catch {
        return onThrow; // if a callback throws, koffi returns garbage to native code
      }
    };
    return koffi.register(callback, type);
  }
}
