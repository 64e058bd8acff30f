import type { ProcessEnd } from '../../errors/index.js';
import type { ChildCgroup } from './child-cgroup.js';

/** Adds the limit that a process had reached when it ended, if the system tells. The plugin is blamed, not the machine: the limit was its own. */
export function withReachedLimit(end: ProcessEnd, group: Pick<ChildCgroup, 'reached'> | undefined): ProcessEnd | undefined {
  const limit = end.signal === 'SIGXFSZ' ? 'its limit on the size of files (processes.limits.fileBytes)' : group?.reached();
  return limit === undefined ? undefined : { ...end, reason: `${end.reason}: it reached ${limit}` };
}
