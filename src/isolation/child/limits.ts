import { limitResource } from '../../library/index.js';
import type { ResourceLimits } from '../wire/messages.js';

/** Sets limits, which this process cannot raise again; Infinity has become null on the way here. Returns the problem if that is not possible; it completes "it …". */
export function limitResources({ openFiles, fileBytes }: ResourceLimits): string | undefined {
  if (typeof openFiles === 'number' && !limitResource('openFiles', openFiles)) return 'cannot limit its open files here (processes.limits.openFiles)';
  if (typeof fileBytes === 'number' && !limitResource('fileBytes', fileBytes)) return 'cannot limit the size of its files here (processes.limits.fileBytes)';
  return undefined;
}
