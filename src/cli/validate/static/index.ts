import type { StaticCheck } from '../check.js';

/** All checks of the files, in the order in which they are listed. */
export const STATIC_CHECKS: readonly StaticCheck[] = [];
