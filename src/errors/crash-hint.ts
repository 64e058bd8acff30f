import { MACHINE_HINTS } from './machine-cause.js';
import type { Ending, ProcessEnd } from './process-end.js';

const ENDING_HINTS: Readonly<Record<Ending, string>> = {
  'killed-by-host': 'The message says why the host killed it. The last output of the process is in the log.',
  'kill-refused':
    'The operating system did not let the host end this process: a host must not change its user (setuid) after it has opened plugins. End the process yourself.',
  'ended-earlier': "See the plugin's record (host.explain) for why its process ended.",
};

/** The hint for a plugin process that ended on its own, was killed, or could not be started. */
export function crashHint({ machine, ending }: ProcessEnd): string {
  if (machine !== undefined) return MACHINE_HINTS[machine];
  if (ending !== undefined) return ENDING_HINTS[ending];
  return 'The plugin crashed. Its last output is in the log; docs/isolation.md says how to attach a debugger. If the output says that a thread could not be created or memory could not be allocated, raise that limit.';
}
