import { LoadError } from '../../src/errors/index.js';

/** A manifest with the required keys only; `[plugin]` is open at its end. */
export const MINIMAL = `[plugin]
id = "weather"
name = "Weather"
version = "1.4.0"
description = "Forecasts"
author = "A. Author"
entry_point = "weather"
`;

/** The LoadError that `act` throws; anything else it does fails the test. */
export function refusalOf(act: () => unknown): LoadError {
  try {
    act();
  } catch (error) {
    if (error instanceof LoadError) return error;
    throw error;
  }
  throw new Error('accepted, though a refusal was expected');
}

/** As `refusalOf`, for what is asynchronous. */
export async function rejectionOf(promise: Promise<unknown>): Promise<LoadError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return refusalOf(() => {
    if ('error' in outcome) throw outcome.error;
  });
}

/** `error` narrowed to ERR_MANIFEST. */
export function problemsIn(error: LoadError) {
  if (error.code !== 'ERR_MANIFEST') throw new Error(`expected ERR_MANIFEST, found ${error.code}: ${error.message}`);
  return error.problems;
}
