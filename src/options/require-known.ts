import { LoadError, nearest } from '../errors/index.js';
import { describe } from './option-error.js';

/** Refuses an unknown name, which would otherwise silently select nothing. @throws LoadError ERR_OPTIONS */
export function requireKnown(option: string, value: unknown, known: readonly string[]): void {
  if (typeof value === 'string' && known.includes(value)) return;
  const meant = typeof value === 'string' ? nearest(value, known) : undefined;
  const expected = `one of ${known.join(', ')}`;
  throw new LoadError('ERR_OPTIONS', { option, expected, found: describe(value), ...(meant !== undefined && { nearest: meant }) });
}
