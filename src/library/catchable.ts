/**
 * Runs what may throw through Node-API. Under `--abort-on-uncaught-exception` V8 takes such an error for uncaught and ends
 * the process, even if JavaScript catches it; not while a capture callback is set. `run` is synchronous, so the callback
 * gets nothing.
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
    return false; // the host uses domains, which exclude the callback
  }
}
