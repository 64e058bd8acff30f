/** What ended a plugin's process where the plugin did not: no evidence against it. */
export type MachineCause = 'memory' | 'threads' | 'killed' | 'start';

/** Name who can act: not the author of the plugin. */
export const MACHINE_HINTS: Record<MachineCause, string> = {
  memory:
    'The plugin is not blamed. Raise the memory limit of the container or service (memory.max, MemoryMax=), or run fewer plugins. To stop a plugin that takes too much before the system does, set processes.memoryLimitBytes.',
  threads:
    'The plugin is not blamed. Raise the limit of threads (pids.max of the container, TasksMax= of the service, ulimit -u of the user), or set a smaller processes.poolSize.',
  killed:
    'The plugin is not blamed. Find out who sent the signal: an operator, a service manager, or a watchdog for memory such as earlyoom or systemd-oomd.',
  start:
    "The plugin is not blamed. Check the limits of processes, threads, memory and open files (pids.max, ulimit -a), and that the host's Node.js is still installed where it was.",
};
