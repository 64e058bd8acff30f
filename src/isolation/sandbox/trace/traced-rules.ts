import { realpathSync } from 'node:fs';
import type { PathRule } from '../landlock.js';

/** Real paths with the rights of Landlock. */
export type TracedRules = readonly (readonly [path: string, rights: number])[];

/** The rules as the kernel has them: without links, and without paths that do not exist. */
export function tracedRules(rules: readonly PathRule[]): TracedRules {
  return rules.flatMap(({ path, rights }) => {
    try {
      return [[realpathSync(path), rights] as const];
    } catch {
      return [];
    }
  });
}
