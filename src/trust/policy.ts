import { LoadError } from '../errors/index.js';

/** Which plugins the host allows. */
export interface Policy {
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[];
}

/** `deny` takes precedence over `allow`. @throws LoadError ERR_DENIED_BY_POLICY */
export function checkPolicy(id: string, path: string, { allow, deny }: Policy): void {
  const refuse = (rule: 'allow' | 'deny', expected: string): LoadError =>
    new LoadError('ERR_DENIED_BY_POLICY', { rule, expected, found: id }, { pluginId: id, path });
  if (deny.includes(id)) throw refuse('deny', `none of ${deny.join(', ')}`);
  if (allow !== undefined && !allow.includes(id)) throw refuse('allow', allow.length === 0 ? 'no plugin' : `one of ${allow.join(', ')}`);
}
