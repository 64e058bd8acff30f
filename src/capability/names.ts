import { HOOK_NAMES } from '../manifest/hook-names.js';
import { DOTTED_NAME, TOOL_NAME } from '../manifest/name-patterns.js';

/** Which names a capability of one kind may have. */
export interface NameRule {
  /** What error messages show after "expected". */
  readonly expected: string;
  readonly accepts: (name: string) => boolean;
}

const matching = (pattern: RegExp): NameRule => ({ expected: `a name like ${pattern.source}`, accepts: (name) => pattern.test(name) });

export const TOOL_NAMES = matching(TOOL_NAME);
export const DOTTED_NAMES = matching(DOTTED_NAME);
export const NAMES_OF_HOOKS: NameRule = {
  expected: `one of ${HOOK_NAMES.join(', ')}`,
  accepts: (name) => (HOOK_NAMES as readonly string[]).includes(name),
};
