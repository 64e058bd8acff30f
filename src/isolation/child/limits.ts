import { limitResource, type LimitedResource } from '../../library/index.js';
import type { ResourceLimits } from '../../report/resource-limits.js';

/** The limit of a process, and how a failure to set it begins. */
const LIMITED: Readonly<Record<LimitedResource, string>> = {
  openFiles: 'cannot limit its open files here',
  fileBytes: 'cannot limit the size of its files here',
  coreFileBytes: 'cannot limit the size of its core files here',
};

/** Sets limits, which this process cannot raise again; Infinity has become null on the way here. Returns the problem if that is not possible; it completes "it …". */
export function limitResources(limits: ResourceLimits, isDebugged: boolean): string | undefined {
  // A core file has the memory of the plugin and of this package.
  if (limits.coreFileBytes === undefined && !isDebugged) limitResource('coreFileBytes', 0);
  for (const [name, problem] of Object.entries(LIMITED) as [LimitedResource, string][]) {
    const value = limits[name];
    if (typeof value === 'number' && !limitResource(name, value)) return `${problem} (processes.limits.${name})`;
  }
  return undefined;
}
