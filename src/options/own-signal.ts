/** Node's own getter, which throws for anything that is not a native AbortSignal. */
const ABORTED = Object.getOwnPropertyDescriptor(globalThis.AbortSignal?.prototype ?? {}, 'aborted');

/** The native signal that follows each foreign signal. */
const followers = new WeakMap<AbortSignal, AbortController>();

/**
 * Returns a native signal unchanged, and for a foreign one (a polyfill, one of another realm, an object of the host) a native
 * signal that follows it. Any member of a foreign signal may throw. Here the exception reaches the caller; later, nothing
 * would catch it. Throws what the signal throws.
 */
export function ownSignal(signal: AbortSignal): AbortSignal {
  if (isNodes(signal)) return signal;
  let follower = followers.get(signal);
  if (follower === undefined) {
    const controller = (follower = new AbortController());
    signal.addEventListener('abort', () => controller.abort(reasonOf(signal)), { once: true });
    followers.set(signal, controller);
  }
  if (signal.aborted) follower.abort(reasonOf(signal));
  return follower.signal;
}

function isNodes(signal: AbortSignal): boolean {
  try {
    return typeof ABORTED?.get?.call(signal) === 'boolean';
  } catch {
    return false;
  }
}

function reasonOf(signal: AbortSignal): unknown {
  try {
    return signal.reason;
  } catch (error) {
    return error;
  }
}
