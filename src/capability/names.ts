import type { CapabilityKind } from '../abi/constants.js';
import { HOOK_NAMES } from '../manifest/hook-names.js';

/** Tools go to language models, which take these names and no others; the other kinds may be dotted. */
const PATTERNS: Record<Exclude<CapabilityKind, 'hook'>, RegExp> = {
  tool: /^[A-Za-z0-9_-]{1,64}$/,
  command: /^[A-Za-z0-9_.-]{1,64}$/,
  channel: /^[A-Za-z0-9_.-]{1,64}$/,
  provider: /^[A-Za-z0-9_.-]{1,64}$/,
};

/** What is wrong with a capability's name, or `undefined`. */
export function nameProblem(kind: CapabilityKind, name: string): { expected: string; found: string } | undefined {
  const found = JSON.stringify(name);
  if (kind === 'hook') {
    return (HOOK_NAMES as readonly string[]).includes(name) ? undefined : { expected: `one of ${HOOK_NAMES.join(', ')}`, found };
  }
  return PATTERNS[kind].test(name) ? undefined : { expected: `a name like ${PATTERNS[kind].source}`, found };
}
