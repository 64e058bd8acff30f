import type { Check } from './check.js';

/** Where a check is explained. */
export function placeInDocs({ id, source }: Check): string {
  const rule = /^rule (\d+)/.exec(source);
  const page = `docs/validate.md#${id}`;
  return rule === null ? page : `${page}; docs/abi.md, rule ${rule[1] ?? ''}`;
}
