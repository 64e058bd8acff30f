/**
 * Calls a function of the package's user and passes anything it throws to `onFailure`. Also handles the rejection of an
 * async function: nothing awaits it, and an unhandled rejection ends Node.
 */
export function callGuarded(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const returned = call();
    if (typeof returned === 'object' && returned !== null) void Promise.resolve(returned).catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}
