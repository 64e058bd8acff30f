import { InvocationError } from '../errors/index.js';
import { memberOf, readObject } from './reply.js';

const STATUSES = ['ok', 'degraded', 'down', 'unknown'] as const;

/** Whether a provider works. */
export interface ProviderHealth {
  readonly status: (typeof STATUSES)[number];
  /** For people. */
  readonly message?: string;
  readonly [key: string]: unknown;
}

export const HEALTH_EXPECTED = `{"status": ${STATUSES.map((status) => JSON.stringify(status)).join(' or ')}, "message"?: a string}`;

export function readHealth(document: unknown): ProviderHealth | undefined {
  const health = readObject(document);
  if (health === undefined) return undefined;
  const [status, message] = [memberOf(health, 'status'), memberOf(health, 'message')];
  const fits = (STATUSES as readonly unknown[]).includes(status) && (message === undefined || typeof message === 'string');
  return fits ? (health as unknown as ProviderHealth) : undefined;
}

/** Whether the plugin does not know the method. */
export const isUnsupported = (error: unknown): boolean =>
  error instanceof InvocationError && error.code === 'ERR_INVOCATION_FAILED' && error.status === 'UNSUPPORTED';
