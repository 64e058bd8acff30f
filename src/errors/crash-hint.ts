import type { ProcessEnd } from './entry.js';
import { MACHINE_HINTS } from './machine-cause.js';

/** What to do about a plugin process that ended by itself, was killed, or could not be started. */
export function crashHint({ machine, signal, reason }: ProcessEnd): string {
  if (machine !== undefined) return MACHINE_HINTS[machine];
  if (/start(ed)? again|before it was ready|was not ready/.test(reason)) {
    return 'The process could not be started, so the plugin is not at fault. Check the limits on processes, threads, memory and open files, and that the Node binary is still the one that runs the host. Then enable the plugin again.';
  }
  if (reason.startsWith('could not be killed')) {
    return 'The operating system did not let the host end this process: a host must not change its user (setuid) after it has opened plugins. End the process yourself.';
  }
  if (reason.startsWith('had ended')) return 'See the record of the plugin for why its process ended.';
  if (reason.startsWith('was killed by the host')) return 'The reason says what the host killed it for. What the process printed last is in the log.';
  if (signal === 'SIGKILL') {
    return "Something outside the plugin killed its process, such as the system when it is out of memory. See the system's log and the memory limits.";
  }
  return 'The plugin crashed. What it printed last is in the log; docs/isolation.md says how to attach a debugger. If it says that a thread or memory could not be had, raise that limit.';
}
