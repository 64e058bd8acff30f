/**
 * Limits on one child process, which the system enforces. The first four need no privileges. The last three need a control
 * group (`processes.cgroup`).
 */
export interface ResourceLimits {
  /** Descriptors that are open at once, at least 256: Node and this package need some. Beyond it calls fail with EMFILE. Not on Windows. */
  readonly openFiles?: number;
  /** Bytes of the longest file that it can write. Beyond it calls fail with EFBIG. Not on Windows. */
  readonly fileBytes?: number;
  /** Bytes of the core file that a crash leaves. Infinity: the host's own limit. Default 0: none. Not on Windows. */
  readonly coreFileBytes?: number;
  /** Bytes of addresses that plugins can take, beyond those that the process has without them. Beyond it allocations fail. Linux only. */
  readonly addressSpaceBytes?: number;
  /** Bytes of memory of the process and what it starts; swap is not used. Beyond it all of them are killed. */
  readonly memoryBytes?: number;
  /** Processors that it can keep busy: 0.5 is half of one. Beyond it, it waits. */
  readonly processors?: number;
  /** Threads and processes together. Beyond it none is started. A child has about 20 threads of its own. */
  readonly tasks?: number;
}

/** Those that a control group enforces. */
export const GROUP_LIMITS = ['memoryBytes', 'processors', 'tasks'] as const satisfies readonly (keyof ResourceLimits)[];
