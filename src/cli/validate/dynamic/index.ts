import type { DynamicCheck } from '../check.js';

/** All checks that run the plugin's code, in the order in which they are listed. */
export const DYNAMIC_CHECKS: readonly DynamicCheck[] = [];
