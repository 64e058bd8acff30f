import { readCount, readGroup, readTimerMs } from '../options/numbers.js';
import type { LoadTimeouts } from './open-plugin.js';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_PAYLOAD = 128 << 20;

/** Filled in. @throws LoadError ERR_OPTIONS */
export function readTimeouts(timeouts: Partial<LoadTimeouts> | undefined): LoadTimeouts {
  const given = readGroup('timeouts', timeouts);
  const read = (step: keyof LoadTimeouts): number => readTimerMs(`timeouts.${step}`, given[step], DEFAULT_TIMEOUT_MS);
  return { create: read('create'), register: read('register'), init: read('init'), shutdown: read('shutdown') };
}

/** Bytes. JSON, in which a child is told of it, has no Infinity. @throws LoadError ERR_OPTIONS */
export const readMaxPayload = (maxPayloadBytes: number | undefined): number =>
  Math.min(readCount('maxPayloadBytes', maxPayloadBytes, DEFAULT_MAX_PAYLOAD, 1), Number.MAX_SAFE_INTEGER);
