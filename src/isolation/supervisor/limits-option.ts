import { LoadError, messageOf, type ErrorContext } from '../../errors/index.js';
import { checked, count } from '../../options/fields.js';
import { group } from '../../options/group.js';
import { optionError } from '../../options/option-error.js';
import { readOptions } from '../../options/read-options.js';
import { GROUP_LIMITS, type ResourceLimits } from '../../report/resource-limits.js';
import type { Candidate } from '../../scan/index.js';
import type { SupervisorSettings } from './process-options.js';

/** Node and this package need some. */
const MIN_OPEN_FILES = 256;
/** The threads of a child itself, with all its runners. */
const MIN_TASKS = 64;
/** The child itself needs some. */
const MIN_MEMORY_BYTES = 128 << 20;
/** Less than this leaves no room for Node's own memory while a plugin runs. */
const MIN_ADDRESS_BYTES = 64 << 20;
/** The least that the kernel accepts is a thousandth of a period. */
const MIN_PROCESSORS = 0.01;

export const limitsGroup = group<ResourceLimits>({
  openFiles: count(MIN_OPEN_FILES),
  fileBytes: count(0),
  coreFileBytes: count(0),
  addressSpaceBytes: count(MIN_ADDRESS_BYTES),
  memoryBytes: count(MIN_MEMORY_BYTES),
  processors: checked<number>(`a number of processors, ${MIN_PROCESSORS} or more`, (value) => typeof value === 'number' && value >= MIN_PROCESSORS),
  tasks: count(MIN_TASKS),
});

/** The limits for the process of a plugin. @throws LoadError ERR_OPTIONS */
export function limitsFor({ limits, limitsOf, cgroup }: Pick<SupervisorSettings, 'limits' | 'limitsOf' | 'cgroup'>, candidate: Candidate): ResourceLimits | undefined {
  if (limitsOf === undefined) return limits;
  const where = { pluginId: candidate.id, path: candidate.path };
  let given: unknown;
  try {
    given = limitsOf(candidate);
  } catch (cause) {
    throw new LoadError('ERR_OPTIONS', { option: 'processes.limits', expected: 'limits', found: `an error: ${messageOf(cause)}` }, { ...where, cause });
  }
  const own = readOptions(limitsGroup, given, 'processes', 'limits');
  requireGroup(own, cgroup, where);
  return own;
}

/** @throws LoadError ERR_OPTIONS for a limit that needs a control group, without one */
export function requireGroup(limits: ResourceLimits, cgroup: string | undefined, where?: ErrorContext): void {
  const needing = GROUP_LIMITS.find((name) => limits[name] !== undefined && limits[name] !== Infinity);
  if (needing !== undefined && cgroup === undefined) throw optionError('processes.cgroup', `a control group, which processes.limits.${needing} needs`, undefined, where);
}
