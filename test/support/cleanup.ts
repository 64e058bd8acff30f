import { afterAll } from '@jest/globals';

type Cleanup = () => unknown;
const cleanups: Cleanup[] = [];

/** Does this after the tests of the calling file. What was set up last goes first: a host is closed before its folders are removed. */
export function afterFile(cleanup: Cleanup): void {
  cleanups.push(cleanup);
}

afterAll(async () => {
  const errors: unknown[] = [];
  for (const cleanup of cleanups.reverse()) {
    try {
      await cleanup();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('\n'));
});
