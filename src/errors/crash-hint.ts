import type { ProcessEnd } from './entry.js';
import { MACHINE_HINTS } from './machine-cause.js';

/** What to do about a plugin process that ended by itself, was killed, or could not be started. */
export function crashHint({ machine, reason }: ProcessEnd): string {
  if (machine !== undefined) return MACHINE_HINTS[machine];
  if (reason.startsWith('had ended')) return 'See the record of the plugin for why its process ended.';
  if (reason.startsWith('was killed by the host')) return 'The reason says what the host killed it for. What the process printed last is in the log.';
  return 'The plugin crashed. What it printed last is in the log; docs/isolation.md says how to attach a debugger. If it says that a thread or memory could not be had, raise that limit.';
}
