/** What ended a plugin's process if the plugin did not. The plugin is then not blamed. */
export type MachineCause = 'memory' | 'threads' | 'killed' | 'start';

/** Written for the person who runs the host, not for the author of the plugin. */
export const MACHINE_HINTS: Record<MachineCause, string> = {
  memory:
    'The plugin is not blamed. Raise the memory limit of the container or service (memory.max, MemoryMax=), or run fewer plugins. To stop a plugin that uses too much memory before the system kills it, set processes.memoryLimitBytes.',
  threads:
    'The plugin is not blamed. Raise the thread limit (pids.max of the container, TasksMax= of the service, ulimit -u of the user), or let plugins share a process.',
  killed:
    'The plugin is not blamed. Find out who sent the signal: an operator, a service manager, or a memory watchdog such as earlyoom or systemd-oomd.',
  start:
    "The plugin is not blamed. Check the limits on processes, threads, memory and open files (pids.max, ulimit -a), and that the host's Node.js has not been moved or removed. Node also reads variables such as NODE_OPTIONS: check processes.env, and what its output in the log says.",
};
