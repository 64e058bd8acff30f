import type { Check } from './check.js';
import { DYNAMIC_CHECKS } from './dynamic/index.js';
import { STATIC_CHECKS } from './static/index.js';

/** Every check. The list, `--list`, docs/validate.md and all outputs are made from it. */
export const CHECKS: readonly Check[] = [...STATIC_CHECKS, ...DYNAMIC_CHECKS];
