/**
 * Calls what belongs to the user of the package. What it throws goes to `onFailure`, and so does what it rejects with where
 * it is async: nobody waits for it, and a rejection that nobody hears ends Node.
 */
export function callGuarded(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const returned = call();
    if (typeof returned === 'object' && returned !== null) void Promise.resolve(returned).catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}
