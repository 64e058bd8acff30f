/**
 * Runs code that may throw through Node-API. Under `--abort-on-uncaught-exception`, V8 treats such an error as uncaught and
 * ends the process, even if JavaScript catches it, unless a capture callback is set. `run` is synchronous, so the callback
 * is never called.
 */
export function catchable<T>(run: () => T): T {
  const isOurs = !process.hasUncaughtExceptionCaptureCallback() && setCallback();
  try {
    return run();
  } finally {
    if (isOurs) process.setUncaughtExceptionCaptureCallback(null);
  }
}

function setCallback(): boolean {
  try {
    process.setUncaughtExceptionCaptureCallback(() => undefined);
    return true;
  } catch {
    return false; // the host uses domains, which cannot be combined with the callback
  }
}
