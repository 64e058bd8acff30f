import type { ProcessEnd } from './entry.js';
import { MACHINE_HINTS } from './machine-cause.js';

/** The hint for a plugin process that ended on its own, was killed, or could not be started. */
export function crashHint({ machine, signal, reason }: ProcessEnd): string {
  if (machine !== undefined) return MACHINE_HINTS[machine];
  if (/start(ed)? again|before it was ready|was not ready/.test(reason)) {
    return 'The process could not be started, so the plugin is not at fault. Check the limits on processes, threads, memory and open files, and that the Node binary is still the one that runs the host. Then enable the plugin again.';
  }
  if (reason.startsWith('could not be killed')) {
    return 'The operating system did not let the host end this process: a host must not change its user (setuid) after it has opened plugins. End the process yourself.';
  }
  if (reason.startsWith('had ended')) return "See the plugin's record (host.explain) for why its process ended.";
  if (reason.startsWith('was killed by the host')) return 'The message says why the host killed it. The last output of the process is in the log.';
  if (signal === 'SIGKILL') {
    return "Something other than the plugin killed its process, for example the system when it is out of memory. See the system's log and the memory limits.";
  }
  return 'The plugin crashed. Its last output is in the log; docs/isolation.md says how to attach a debugger. If the output says that a thread could not be created or memory could not be allocated, raise that limit.';
}
