/** Node's own getter, which throws for whatever is not an AbortSignal of Node's. */
const ABORTED = Object.getOwnPropertyDescriptor(globalThis.AbortSignal?.prototype ?? {}, 'aborted');

/** Signals of Node's that follow others, by those others. */
const followers = new WeakMap<AbortSignal, AbortController>();

/**
 * The signal itself if it is Node's; otherwise one of Node's that follows it. A signal of another make (a polyfill, another
 * realm, an object of the host's) may throw from any of its members. Here that is the caller's error; later, nobody is
 * there to catch it. Throws what the signal throws.
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
