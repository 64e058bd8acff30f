import type { LoadTimeouts } from '../plugin/lifecycle-table.js';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_PAYLOAD = 128 << 20;

/** Checked timeouts, with the defaults filled in. */
export function fillTimeouts(given: Partial<LoadTimeouts> = {}): LoadTimeouts {
  const { create = DEFAULT_TIMEOUT_MS, register = DEFAULT_TIMEOUT_MS, init = DEFAULT_TIMEOUT_MS, shutdown = DEFAULT_TIMEOUT_MS } = given;
  return { create, register, init, shutdown };
}

/** Bytes. A child is told the limit in JSON, which has no Infinity. */
export const fillMaxPayload = (given = DEFAULT_MAX_PAYLOAD): number => Math.min(given, Number.MAX_SAFE_INTEGER);
